#include "client/cpp/price_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cpp/json_value.h"
#include "client/cpp/price_key.h"

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

absl::StatusOr<std::string> price_of(std::string_view key, dom::element value) {
  double number = 0;
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || stop != text.data() + text.size()) number = -1;
  } else if (value.get(number) != simdjson::SUCCESS) {
    number = -1;
  }
  if (!(number >= 0))
    return absl::InvalidArgumentError(absl::StrCat(std::string(key), ": found ", found(value), ", expected dollars"));
  return usd_per_mtok(number);
}

/// Prices and SpecialPrices name their fields alike. `kind` is one of a token.
template <typename Message>
std::string* rate_of(PriceKey::Kind kind, Message& prices) {
  switch (kind) {
    case PriceKey::Kind::kInput:
      return prices.mutable_input_usd_per_mtok();
    case PriceKey::Kind::kOutput:
      return prices.mutable_output_usd_per_mtok();
    case PriceKey::Kind::kReasoning:
      return prices.mutable_reasoning_usd_per_mtok();
    case PriceKey::Kind::kCachedInput:
      return prices.mutable_cached_input_usd_per_mtok();
    case PriceKey::Kind::kCacheWrite:
      return prices.mutable_cache_write_usd_per_mtok();
    default:
      return prices.mutable_cache_write_long_usd_per_mtok();
  }
}

/// May this teacher's calls be bound to a region? eu.api.openai.com, or a region that is not the vendor's whole world.
bool is_regional(const v1::Teacher& teacher) {
  if (!teacher.region().empty()) return teacher.region() != "global";
  std::vector<std::string> urls(teacher.endpoints().begin(), teacher.endpoints().end());
  urls.push_back(teacher.endpoint());
  return std::any_of(urls.begin(), urls.end(), [](std::string_view url) {
    const size_t scheme = url.find("://");
    const std::string_view host = url.substr(scheme == std::string_view::npos ? 0 : scheme + 3);
    return host.size() > 2 && host[2] == '.';
  });
}

absl::Status read_entry(const dom::object& entry, const v1::Teacher& teacher, v1::Prices& prices) {
  // What some calls cost, by what they must be: sorted, so that two imports of one file are alike.
  std::map<std::tuple<uint64_t, std::string, std::string>, v1::SpecialPrices> specials;
  for (const auto [key, value] : entry) {
    const PriceKey meaning = PriceKey::of(key);
    const bool uplift = meaning.kind == PriceKey::Kind::kUplift;
    if (meaning.kind == PriceKey::Kind::kNotBilled || value.is_null() || (uplift && !is_regional(teacher))) continue;
    if (meaning.kind == PriceKey::Kind::kUnknown || uplift)
      return absl::InvalidArgumentError(
          absl::StrCat(std::string(key),
                       ": found a price that is not understood here; without it calls would be booked below "
                       "their bill. State this teacher's prices in the configuration"));
    auto price = price_of(key, value);
    if (!price.ok()) return price.status();
    if (meaning.everywhere()) {
      *rate_of(meaning.kind, prices) = *std::move(price);
    } else {
      v1::SpecialPrices& special = specials[{meaning.above_input_tokens, meaning.service_tier, meaning.route}];
      special.set_above_input_tokens(meaning.above_input_tokens);
      special.set_service_tier(meaning.service_tier);
      special.set_route(meaning.route);
      *rate_of(meaning.kind, special) = *std::move(price);
    }
  }
  if (prices.input_usd_per_mtok().empty()) return absl::InvalidArgumentError("input_cost_per_token: found none");
  if (prices.output_usd_per_mtok().empty()) return absl::InvalidArgumentError("output_cost_per_token: found none");
  for (auto& [conditions, special] : specials) *prices.add_special() = std::move(special);
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
    if (absl::Status status = read_entry(entry, teacher, prices); !status.ok())
      return absl::InvalidArgumentError(absl::StrCat(path_, ": ", key, ": ", status.message()));
    prices.set_source(absl::StrCat(std::filesystem::path(path_).filename().string(), ": ", key));
    return prices;
  }
  return absl::NotFoundError(absl::StrCat(path_, " has no entry for teacher ", teacher.name(), ": looked for ",
                                          provider, "/", teacher.model(), " and for ", teacher.model(), " of ",
                                          provider));
}

}  // namespace harvest::client
