#include "client/cpp/reconciliation.h"

#include <catch2/catch.hpp>

#include "proto/text/time.h"

using namespace harvest::client;
namespace v1 = harvest::v1;

namespace {

constexpr int64_t kCent = 10'000'000'000;

void add(v1::Bill& bill, const char* day, const char* model, const char* spent, const char* at_risk = "0.00",
         const char* vendor = "openai") {
  v1::Bill::Line* line = bill.add_lines();
  line->set_day(day);
  line->set_teacher("t");
  line->set_vendor(vendor);
  line->set_model(model);
  line->set_spent_usd(spent);
  line->set_at_risk_usd(at_risk);
  line->set_input_tokens(100);
  line->set_output_tokens(10);
}

UsageExport::Line billed(const char* day, const char* model, std::optional<int64_t> cost,
                         std::optional<int64_t> tokens = std::nullopt) {
  return {*harvest::text::parse_day(day), model, cost, tokens, std::nullopt};
}

}  // namespace

TEST_CASE("a bill agrees within a cent and what is at risk", "[client][audit]") {
  v1::Bill bill;
  add(bill, "2026-11-25", "m", "1.00", "0.50");
  const auto with = [&](int64_t cost) {
    UsageExport usage;
    usage.lines = {billed("2026-11-25", "m", cost)};
    return reconcile(bill, usage)->total.agrees;
  };
  CHECK(with(100 * kCent));
  CHECK(with(99 * kCent));
  CHECK(with(151 * kCent));  // whatever was at risk may have been billed
  CHECK_FALSE(with(99 * kCent - 1));
  CHECK_FALSE(with(151 * kCent + 1));
}

TEST_CASE("days and models are compared each, and what one side lacks is nothing there", "[client][audit]") {
  v1::Bill bill;
  add(bill, "2026-11-25", "gpt-4o", "1.00");
  add(bill, "2026-11-25", "gpt-4o-mini", "2.00");
  add(bill, "2026-11-26", "gpt-4o", "3.00");
  add(bill, "2026-11-26", "gpt-4o", "0.50");  // another account's teacher
  UsageExport usage;
  usage.lines = {billed("2026-11-25", "gpt-4o-2024-08-06", 40 * kCent), billed("2026-11-25", "gpt-4o", 60 * kCent),
                 billed("2026-11-25", "gpt-4o-mini-2024-07-18", 200 * kCent),
                 billed("2026-11-26", "gpt-4o", 350 * kCent)};
  auto result = reconcile(bill, usage);
  REQUIRE(result.ok());
  CHECK(result->lines.size() == 3);
  CHECK(result->total.agrees);
  CHECK(result->total.spent_picodollars == 650 * kCent);
  CHECK(result->total.billed_picodollars == 650 * kCent);

  usage.lines.pop_back();
  usage.lines.push_back(billed("2026-11-26", "web search", 5 * kCent));
  result = reconcile(bill, usage);
  REQUIRE(result->lines.size() == 4);
  CHECK_FALSE(result->lines[2].agrees);  // ours, that the vendor does not know
  CHECK(result->lines[2].billed_picodollars == 0);
  CHECK_FALSE(result->lines[3].agrees);  // the vendor's, that we did not book
  CHECK(result->lines[3].model == "web search");
  CHECK_FALSE(result->total.agrees);
}

TEST_CASE("costs without models are compared by day, whatever tokens say", "[client][audit]") {
  v1::Bill bill;
  add(bill, "2026-11-25", "a", "1.00");
  add(bill, "2026-11-25", "b", "2.00");
  UsageExport usage;
  usage.lines = {billed("2026-11-25", "", 300 * kCent), billed("2026-11-25", "a", std::nullopt, 100)};
  const auto result = reconcile(bill, usage);
  REQUIRE(result->lines.size() == 1);
  CHECK(result->lines[0].model.empty());
  CHECK(result->lines[0].input_tokens == 200);
  CHECK(result->lines[0].billed_input_tokens == 100);
  CHECK(result->total.agrees);
}

TEST_CASE("without costs tokens decide", "[client][audit]") {
  v1::Bill bill;
  add(bill, "2026-11-25", "m", "1.00");
  UsageExport usage;
  usage.lines = {billed("2026-11-25", "m", std::nullopt, 100)};
  CHECK(reconcile(bill, usage)->total.agrees);
  usage.lines[0].input_tokens = 101;
  CHECK_FALSE(reconcile(bill, usage)->total.agrees);
  bill.mutable_lines(0)->set_at_risk_usd("0.01");
  CHECK(reconcile(bill, usage)->total.agrees);
}

TEST_CASE("a vendor's export is held against that vendor's teachers", "[client][audit]") {
  v1::Bill bill;
  add(bill, "2026-11-25", "m", "1.00");
  add(bill, "2026-11-25", "c", "9.00", "0.00", "anthropic");
  UsageExport usage;
  usage.vendor = "openai";
  usage.lines = {billed("2026-11-25", "", 100 * kCent)};
  CHECK(reconcile(bill, usage)->total.agrees);
  usage.vendor = "somebody";
  CHECK_FALSE(reconcile(bill, usage)->total.agrees);
}

TEST_CASE("a dated version is the same model and a longer name is not", "[client][audit]") {
  CHECK(is_same_model("gpt-4o", "gpt-4o"));
  CHECK(is_same_model("gpt-4o", "GPT-4o-2024-08-06"));
  CHECK(is_same_model("gpt-4o-2024-08-06", "gpt-4o"));
  CHECK(is_same_model("claude-x", "claude-x@20250514"));
  CHECK_FALSE(is_same_model("gpt-4o", "gpt-4o-mini"));
  CHECK_FALSE(is_same_model("gpt-4o", "gpt-4o-mini-2024-07-18"));
  CHECK_FALSE(is_same_model("gpt-4", "gpt-4-32k"));
  CHECK_FALSE(is_same_model("claude-3", "claude-3-5"));
  CHECK_FALSE(is_same_model("", "gpt-4o"));
}
