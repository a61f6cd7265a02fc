#include "client/cpp/price_file.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

using harvest::client::PriceFile;
using harvest::client::usd_per_mtok;
namespace v1 = harvest::v1;

namespace {

v1::Teacher teacher(const char* model, const char* vendor) {
  v1::Teacher made;
  made.set_name("t");
  made.set_model(model);
  made.set_vendor(vendor);
  return made;
}

absl::StatusOr<PriceFile> file_of(const std::string& json) {
  const std::string path = std::filesystem::temp_directory_path() / "harvest_price_file_test.json";
  std::ofstream(path) << json;
  return PriceFile::read(path);
}

constexpr char kFile[] = R"({
  "sample_spec": {"input_cost_per_token": 0.0},
  "gpt-4o-mini": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1.5e-07,
    "output_cost_per_token": 6e-07, "cache_read_input_token_cost": 7.5e-08,
    "input_cost_per_token_batches": 7.5e-08, "output_cost_per_token_batches": 3e-07,
    "input_cost_per_token_priority": 2.5e-07, "output_cost_per_token_priority": 1e-06},
  "azure/gpt-4o-mini": {"litellm_provider": "azure", "input_cost_per_token": 1.65e-07, "output_cost_per_token": 6.6e-07},
  "claude-x": {"litellm_provider": "anthropic", "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
    "cache_creation_input_token_cost": 3.75e-06, "cache_creation_input_token_cost_above_1hr": 6e-06,
    "cache_read_input_token_cost": 3e-07, "input_cost_per_token_above_200k_tokens": 6e-06,
    "output_cost_per_token_above_200k_tokens": 2.25e-05,
    "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 1.2e-05, "search_context_cost_per_query": {"x": 1},
    "regional_processing_uplift_multiplier_eu": 1.1},
  "long": {"litellm_provider": "openai", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06,
    "input_cost_per_token_above_272k_tokens_priority": 4e-06, "input_cost_per_token_above_512k_tokens": 3e-06,
    "input_cost_per_audio_token": 9e-06},
  "tiered": {"litellm_provider": "openai", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06,
    "tiered_pricing": [{"range": [0, 32000], "input_cost_per_token": 1e-06}]},
  "quick": {"litellm_provider": "openai", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06,
    "input_cost_per_token_ultrafast": 6e-06},
  "holey": {"litellm_provider": "openai", "input_cost_per_token": 1e-06},
  "odd": {"litellm_provider": "openai", "input_cost_per_token": -1, "output_cost_per_token": 1e-06}
})";

}  // namespace

TEST_CASE("dollars per token become dollars per million exactly", "[client]") {
  CHECK(usd_per_mtok(1.5e-07) == "0.15");
  CHECK(usd_per_mtok(6e-07) == "0.6");
  CHECK(usd_per_mtok(0) == "0");
  CHECK(usd_per_mtok(1.5e-05) == "15");
  CHECK(usd_per_mtok(1e-06) == "1");
  CHECK(usd_per_mtok(1.25e-09) == "0.00125");
  CHECK(usd_per_mtok(0.000123) == "123");
  CHECK(usd_per_mtok(1) == "1000000");
}

TEST_CASE("an entry is taken whole: cache, batch and tiers", "[client]") {
  const auto file = file_of(kFile);
  REQUIRE(file.ok());
  const auto prices = file->prices_of(teacher("gpt-4o-mini", "openai"));
  REQUIRE(prices.ok());
  CHECK(prices->input_usd_per_mtok() == "0.15");
  CHECK(prices->cached_input_usd_per_mtok() == "0.075");
  CHECK(prices->output_usd_per_mtok() == "0.6");
  REQUIRE(prices->special_size() == 2);
  CHECK(prices->special(0).route() == "batch");
  CHECK(prices->special(0).input_usd_per_mtok() == "0.075");
  CHECK(prices->special(1).service_tier() == "priority");
  CHECK(prices->special(1).output_usd_per_mtok() == "1");

  const auto claude = file->prices_of(teacher("claude-x", "anthropic"));
  REQUIRE(claude.ok());
  CHECK(claude->cache_write_usd_per_mtok() == "3.75");
  CHECK(claude->cache_write_long_usd_per_mtok() == "6");
  REQUIRE(claude->special_size() == 1);
  CHECK(claude->special(0).above_input_tokens() == 200'000);
  CHECK(claude->special(0).output_usd_per_mtok() == "22.5");
  CHECK(claude->special(0).cache_write_long_usd_per_mtok() == "12");
}

TEST_CASE("a price under several conditions is taken with all of them, whatever the threshold", "[client]") {
  const auto prices = file_of(kFile)->prices_of(teacher("long", "openai"));
  REQUIRE(prices.ok());
  REQUIRE(prices->special_size() == 2);
  CHECK(prices->special(0).above_input_tokens() == 272'000);
  CHECK(prices->special(0).service_tier() == "priority");
  CHECK(prices->special(0).input_usd_per_mtok() == "4");
  CHECK(prices->special(1).above_input_tokens() == 512'000);
  CHECK(prices->special(1).service_tier().empty());
}

TEST_CASE("a price that is not understood is a hole and named, for the bill would be higher than what is booked",
          "[client]") {
  const auto file = file_of(kFile);
  const auto refused = [&](const v1::Teacher& asked, const char* part) {
    const auto prices = file->prices_of(asked);
    INFO(prices.status().ToString());
    CHECK(prices.status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(prices.status().message().find(part) != absl::string_view::npos);
  };
  refused(teacher("tiered", "openai"), "tiered: tiered_pricing: found a price that is not understood");
  refused(teacher("quick", "openai"), "quick: input_cost_per_token_ultrafast: found a price");
  // What is paid on top in a region is known only where there is none.
  v1::Teacher regional = teacher("claude-x", "anthropic");
  CHECK(file->prices_of(regional).ok());
  regional.set_region("eu");
  refused(regional, "regional_processing_uplift_multiplier_eu");
  regional.clear_region();
  regional.add_endpoints("https://eu.api.example.com/v1");
  refused(regional, "regional_processing_uplift_multiplier_eu");
}

TEST_CASE("the vendor's own entry goes before a namesake of another's", "[client]") {
  const auto file = file_of(kFile);
  REQUIRE(file.ok());
  CHECK(file->prices_of(teacher("gpt-4o-mini", "azure.ai.openai"))->input_usd_per_mtok() == "0.165");
  CHECK(file->prices_of(teacher("gpt-4o-mini", "groq")).status().code() == absl::StatusCode::kNotFound);
}

TEST_CASE("a hole or an odd value is named", "[client]") {
  const auto file = file_of(kFile);
  REQUIRE(file.ok());
  CHECK(
      file->prices_of(teacher("holey", "openai")).status().message().find("holey: output_cost_per_token: found none") !=
      std::string_view::npos);
  CHECK(file->prices_of(teacher("odd", "openai")).status().message().find("odd: input_cost_per_token: found -1") !=
        std::string_view::npos);
  CHECK(file->prices_of(teacher("nobody", "openai")).status().code() == absl::StatusCode::kNotFound);
  CHECK(file_of("[1]").status().message().find("expected a map of models") != std::string_view::npos);
  CHECK(file_of("{").status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(PriceFile::read("/nowhere.json").status().code() == absl::StatusCode::kNotFound);
}
