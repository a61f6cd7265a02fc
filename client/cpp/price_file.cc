#include "client/cpp/price_file.h"

#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "client/cpp/json_value.h"

namespace harvest::client {
namespace {

namespace dom = simdjson::dom;

/// gen_ai.provider.name → the file's word for the same.
struct Provider {
  std::string_view vendor, word;
};
constexpr std::array<Provider, 9> kProviders{{{"azure.ai.openai", "azure"},
                                              {"mistral_ai", "mistral"},
                                              {"gcp.gemini", "gemini"},
                                              {"gcp.vertex_ai", "vertex_ai"},
                                              {"aws.bedrock", "bedrock"},
                                              {"cohere", "cohere"},
                                              {"together", "together_ai"},
                                              {"x_ai", "xai"},
                                              {"moonshot_ai", "moonshot"}}};

std::string provider_of(const v1::Teacher& teacher) {
  for (const Provider& provider : kProviders)
    if (provider.vendor == teacher.vendor()) return std::string(provider.word);
  return teacher.vendor();
}

/// The price under this key as text; empty where there is none.
absl::StatusOr<std::string> price_at(const dom::object& entry, const std::string& key) {
  dom::element value;
  if (entry.at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) return std::string();
  double number = 0;
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || stop != text.data() + text.size()) number = -1;
  } else if (value.get(number) != simdjson::SUCCESS) {
    number = -1;
  }
  if (!(number >= 0))
    return absl::InvalidArgumentError(absl::StrCat(key, ": found ", found(value), ", expected dollars"));
  return usd_per_mtok(number);
}

/// Fills one side's rates from the keys that end in `suffix`. Prices and SpecialPrices name their fields alike.
template <typename Message>
absl::Status read_rates(const dom::object& entry, const std::string& suffix, Message& prices) {
  const auto read = [&](const char* key, auto set) -> absl::Status {
    auto price = price_at(entry, absl::StrCat(key, suffix));
    if (!price.ok()) return price.status();
    if (!price->empty()) set(*price);
    return absl::OkStatus();
  };
  absl::Status status = read("input_cost_per_token", [&](const auto& it) { prices.set_input_usd_per_mtok(it); });
  status.Update(read("output_cost_per_token", [&](const auto& it) { prices.set_output_usd_per_mtok(it); }));
  status.Update(
      read("output_cost_per_reasoning_token", [&](const auto& it) { prices.set_reasoning_usd_per_mtok(it); }));
  status.Update(read("cache_read_input_token_cost", [&](const auto& it) { prices.set_cached_input_usd_per_mtok(it); }));
  status.Update(
      read("cache_creation_input_token_cost", [&](const auto& it) { prices.set_cache_write_usd_per_mtok(it); }));
  return status;
}

bool any_rate(const v1::SpecialPrices& prices) {
  return !prices.input_usd_per_mtok().empty() || !prices.output_usd_per_mtok().empty() ||
         !prices.cached_input_usd_per_mtok().empty() || !prices.reasoning_usd_per_mtok().empty() ||
         !prices.cache_write_usd_per_mtok().empty();
}

struct Special {
  std::string suffix, route, service_tier;
  uint64_t above_input_tokens = 0;
};

absl::Status read_entry(const dom::object& entry, v1::Prices& prices) {
  absl::Status status = read_rates(entry, "", prices);
  auto hour = price_at(entry, "cache_creation_input_token_cost_above_1hr");
  status.Update(hour.status());
  if (!status.ok()) return status;
  prices.set_cache_write_long_usd_per_mtok(*hour);
  if (prices.input_usd_per_mtok().empty()) return absl::InvalidArgumentError("input_cost_per_token: found none");
  if (prices.output_usd_per_mtok().empty()) return absl::InvalidArgumentError("output_cost_per_token: found none");
  // Thresholds from low to high, then what a call asks for: of several that hold the last counts.
  const std::array<Special, 6> kSpecials{{{"_above_128k_tokens", "", "", 128'000},
                                          {"_above_200k_tokens", "", "", 200'000},
                                          {"_above_272k_tokens", "", "", 272'000},
                                          {"_flex", "", "flex"},
                                          {"_priority", "", "priority"},
                                          {"_batches", "batch", ""}}};
  for (const Special& kind : kSpecials) {
    v1::SpecialPrices special;
    if (absl::Status read = read_rates(entry, kind.suffix, special); !read.ok()) return read;
    if (!any_rate(special)) continue;
    special.set_route(kind.route);
    special.set_service_tier(kind.service_tier);
    special.set_above_input_tokens(kind.above_input_tokens);
    *prices.add_special() = special;
  }
  return absl::OkStatus();
}

}  // namespace

std::string usd_per_mtok(double usd_per_token) {
  std::array<char, 64> text;
  // The shortest text that reads back as the same number is the decimal that stood in the file.
  const auto end = std::to_chars(text.data(), text.data() + text.size(), usd_per_token, std::chars_format::scientific);
  const std::string_view scientific(text.data(), static_cast<size_t>(end.ptr - text.data()));
  const size_t e = scientific.find('e');
  std::string digits(1, scientific[0]);
  if (e > 2) digits.append(scientific.substr(2, e - 2));
  int exponent = 0;
  const std::string_view power = scientific.substr(e + (scientific[e + 1] == '+' ? 2 : 1));
  std::from_chars(power.data(), power.data() + power.size(), exponent);
  int point = 1 + exponent + 6;  // digits before the decimal point, per million
  if (point <= 0) {
    digits.insert(0, static_cast<size_t>(1 - point), '0');
    point = 1;
  }
  if (static_cast<size_t>(point) > digits.size()) digits.append(static_cast<size_t>(point) - digits.size(), '0');
  std::string result = digits.substr(0, static_cast<size_t>(point));
  result.erase(0, std::min(result.find_first_not_of('0'), result.size() - 1));
  std::string fraction = digits.substr(static_cast<size_t>(point));
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return fraction.empty() ? result : absl::StrCat(result, ".", fraction);
}

absl::StatusOr<PriceFile> PriceFile::read(const std::string& path) {
  if (!std::filesystem::exists(path)) return absl::NotFoundError(absl::StrCat("price file ", path, " not found"));
  PriceFile file;
  file.path_ = path;
  file.document_ = std::make_unique<Document>();
  dom::element root;
  const simdjson::error_code error = file.document_->parser.load(path).get(root);
  if (error != simdjson::SUCCESS)
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", simdjson::error_message(error)));
  if (root.get(file.document_->models) != simdjson::SUCCESS)
    return absl::InvalidArgumentError(absl::StrCat(path, ": found ", found(root), ", expected a map of models"));
  return file;
}

absl::StatusOr<v1::Prices> PriceFile::prices_of(const v1::Teacher& teacher) const {
  const std::string provider = provider_of(teacher);
  for (const std::string& key : {absl::StrCat(provider, "/", teacher.model()), teacher.model()}) {
    dom::object entry;
    if (key == "sample_spec" || document_->models.at_key(key).get(entry) != simdjson::SUCCESS) continue;
    // The bare name may be another vendor's entry, at another price.
    std::string_view said;
    if (entry.at_key("litellm_provider").get(said) == simdjson::SUCCESS && key == teacher.model() &&
        said.substr(0, provider.size()) != provider)
      continue;
    v1::Prices prices;
    if (absl::Status status = read_entry(entry, prices); !status.ok())
      return absl::InvalidArgumentError(absl::StrCat(path_, ": ", key, ": ", status.message()));
    prices.set_source(absl::StrCat(std::filesystem::path(path_).filename().string(), ": ", key));
    return prices;
  }
  return absl::NotFoundError(absl::StrCat(path_, " has no entry for teacher ", teacher.name(), ": looked for ",
                                          provider, "/", teacher.model(), " and for ", teacher.model(), " of ",
                                          provider));
}

}  // namespace harvest::client
