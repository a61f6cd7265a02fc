#include "storage/corpus/query_identity.h"

#include <catch2/catch.hpp>
#include <functional>
#include <set>

#include "storage/corpus/digest.h"
#include "storage/corpus/query_merge.h"

using namespace harvest;
using namespace harvest::corpus;

namespace {

struct Query {
  std::string model = "qwen", revision = "r1";
  v1::Prompt prompt;
  v1::Sampling sampling;
  uint32_t sample = 0;

  Query() {
    v1::Message* message = prompt.add_messages();
    message->set_role("user");
    message->set_content("2+2?");
  }
  Digest identity() const { return query_identity(model, revision, prompt, sampling, sample); }
  v1::Message& message() { return *prompt.mutable_messages(0); }
};

}  // namespace

TEST_CASE("the identity of a query never changes", "[corpus]") {
  // Computed by an independent program from the layout in the header. Stored under it are answers that were paid for: a
  // change of these bytes asks for all of them again.
  Query query;
  query.sampling.set_temperature(0.5);
  query.sampling.add_stop("\n");
  CHECK(hex(query.identity()) == "693a954ec7433a3a740b81babcdb879e32edb07be8ee6c8275a6f5bc20fb11ce");
}

TEST_CASE("whatever shapes the answer makes another query", "[corpus]") {
  const std::vector<std::function<void(Query&)>> changes = {
      [](Query& q) { q.model = "qwen2"; },
      [](Query& q) { q.revision = "r2"; },
      [](Query& q) { q.sample = 1; },
      [](Query& q) { q.message().set_role("assistant"); },
      [](Query& q) { q.message().set_content("2+2"); },
      [](Query& q) { q.message().set_parts_json("[]"); },
      [](Query& q) { q.message().set_name("n"); },
      [](Query& q) { q.message().set_tool_call_id("n"); },
      [](Query& q) { q.message().set_tool_calls_json("n"); },
      [](Query& q) { q.message().set_reasoning_content("n"); },
      [](Query& q) { q.prompt.add_messages(); },
      [](Query& q) { q.prompt.set_tools_json("[]"); },
      [](Query& q) { q.prompt.set_tools_json("[ ]"); },
      [](Query& q) { q.prompt.set_tool_choice_json("[]"); },
      [](Query& q) { q.sampling.set_temperature(0); },
      [](Query& q) { q.sampling.set_top_p(0); },
      [](Query& q) { q.sampling.set_top_k(0); },
      [](Query& q) { q.sampling.set_seed(0); },
      [](Query& q) { q.sampling.add_stop("ab"); },
      [](Query& q) { q.sampling.add_stop("a"), q.sampling.add_stop("b"); },
      [](Query& q) { q.sampling.set_response_format_json("{}"); },
      [](Query& q) { q.sampling.set_reasoning_effort("low"); },
      [](Query& q) { q.sampling.set_reasoning_budget_tokens(0); },
      [](Query& q) { q.sampling.set_top_logprobs(0); },
      [](Query& q) { q.sampling.set_frequency_penalty(0); },
      [](Query& q) { q.sampling.set_presence_penalty(0); },
      [](Query& q) { q.sampling.set_parallel_tool_calls(false); },
      [](Query& q) { q.sampling.set_parallel_tool_calls(true); },
      [](Query& q) { q.sampling.set_extra_body_json("{}"); },
  };
  std::set<Digest> seen = {Query().identity()};
  for (size_t i = 0; i < changes.size(); ++i) {
    Query query;
    changes[i](query);
    INFO("change " << i);
    CHECK(seen.insert(query.identity()).second);
  }
}

TEST_CASE("what only bounds or routes leaves the query the same", "[corpus]") {
  Query query;
  query.sampling.set_max_output_tokens(7);
  query.sampling.set_service_tier("flex");
  query.prompt.set_custom_id("x");
  query.prompt.set_source("x");
  query.prompt.set_customer("x");
  query.prompt.set_fields_json("{}");
  query.prompt.set_line(9);
  query.prompt.mutable_sampling()->set_temperature(1);
  CHECK(query.identity() == Query().identity());
}

TEST_CASE("texts cannot move between fields or messages unseen", "[corpus]") {
  Query one, two;
  one.message().set_content("ab");
  two.message().set_content("a");
  v1::Message* second = two.prompt.add_messages();
  second->set_content("b");
  CHECK(one.identity() != two.identity());
  Query three = two;
  three.prompt.mutable_messages(1)->set_role("user");
  CHECK(three.identity() != two.identity());
}

TEST_CASE("long texts are hashed as short ones are", "[corpus]") {
  Query one, two;
  one.message().set_content(std::string(100'000, 'x'));
  two.message().set_content(std::string(99'999, 'x') + 'y');
  CHECK(one.identity() != two.identity());
  CHECK(one.identity() == Query(one).identity());
}

TEST_CASE("minus zero is zero", "[corpus]") {
  Query plus, minus;
  plus.sampling.set_temperature(0.0);
  minus.sampling.set_temperature(-0.0);
  CHECK(plus.identity() == minus.identity());
}

TEST_CASE("a job's system message goes first unless the prompt has one", "[corpus]") {
  v1::Job job;
  job.set_system("Be brief.");
  Query query;
  apply_job(job, query.prompt);
  REQUIRE(query.prompt.messages_size() == 2);
  CHECK(query.prompt.messages(0).role() == "system");
  CHECK(query.prompt.messages(0).content() == "Be brief.");
  CHECK(query.prompt.messages(1).content() == "2+2?");
  apply_job(job, query.prompt);
  CHECK(query.prompt.messages_size() == 2);
  Query developer;
  developer.message().set_role("developer");
  apply_job(job, developer.prompt);
  CHECK(developer.prompt.messages_size() == 1);
}

TEST_CASE("a job fills in source and licence and customer where the line names none", "[corpus]") {
  v1::Job job;
  job.set_prompt_source("wiki");
  job.set_prompt_source_licence("CC-BY-SA-4.0");
  job.set_customer("c_1");
  v1::Prompt bare, named;
  named.set_source("forum");
  named.set_customer("c_2");
  apply_job(job, bare);
  apply_job(job, named);
  CHECK(bare.source() == "wiki");
  CHECK(bare.source_licence() == "CC-BY-SA-4.0");
  CHECK(bare.customer() == "c_1");
  CHECK(named.source() == "forum");
  CHECK(named.source_licence().empty());
  CHECK(named.customer() == "c_2");
}

TEST_CASE("a line's sampling goes before its job's", "[corpus]") {
  v1::Sampling job, line;
  job.set_temperature(0.5);
  job.set_top_p(0.9);
  job.set_seed(10);
  job.add_stop("a");
  line.set_temperature(0);
  line.add_stop("b");
  const v1::Sampling merged = merge_sampling(job, line, 3);
  CHECK(merged.temperature() == 0);
  CHECK(merged.top_p() == 0.9);
  CHECK(merged.seed() == 13);
  REQUIRE(merged.stop_size() == 1);
  CHECK(merged.stop(0) == "b");
  CHECK_FALSE(merge_sampling({}, {}, 3).has_seed());
}
