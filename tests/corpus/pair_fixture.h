#pragma once

#include <string>

#include "harvest/v1/answer.pb.h"
#include "harvest/v1/query.pb.h"
#include "harvest/v1/teacher.pb.h"
#include "storage/corpus/digest.h"
#include "storage/corpus/query_merge.h"
#include "storage/corpus/record.h"

namespace harvest::corpus {

/// A pair with every field set; a case changes what it is about and asks for the line.
struct PairFixture {
  PairFixture() {
    add_message("system", "Be brief.");
    add_message("user", "2+2?");
    prompt.set_custom_id("line-7");
    prompt.set_source_licence("CC-BY-4.0");
    prompt.set_customer("c_12");
    prompt.set_fields_json(R"({"topic":"sums"})");
    message.set_role("assistant");
    message.set_content("4");
    sampling.set_temperature(0.5);
    sampling.set_seed(11);
    pair.set_record_id("r_01JD0000000000000000000001");
    pair.set_prompt(3);
    pair.set_sample(1);
    pair.set_teacher("qwen");
    pair.set_licence("Apache-2.0");
    pair.set_source("sums");
    pair.set_rights_version(2);
    pair.set_tenant("default");
    pair.set_principal("local:ana");
    pair.mutable_use()->set_purpose(v1::TRAINING);
    pair.mutable_use()->set_student("small-1");
    pair.set_salt(std::string(32, '\1'));
    pair.set_commit(std::string(32, '\2'));
    pair.set_log_index(-1);
    pair.set_stored_at_us(1'763'790'000'500'000);
    answer.set_raw(R"({"choices":[]})");
    answer.set_dialect("openai-chat");
    answer.set_vendor("openai");
    answer.set_model_requested("Qwen/Qwen2.5-7B-Instruct");
    answer.set_model_reported("qwen2.5-7b");
    answer.set_endpoint("http://127.0.0.1:8000/v1");
    answer.mutable_usage()->set_input_tokens(12);
    answer.mutable_usage()->set_output_tokens(1);
    answer.mutable_usage()->set_reported(true);
    answer.set_cost_picodollars(2'500'000);
    answer.set_requested_at_us(1'763'790'000'000'000);
    answer.set_completed_at_us(1'763'790'000'250'000);
    answer.set_attempt(1);
    answer.set_max_output_tokens(64);
    rights.set_licence("Apache-2.0");
    rights.add_permits(v1::EVALUATION);
    rights.add_permits(v1::TRAINING);
    rights.add_obligations("name-prefix:Qwen");
    rights.set_expires_on("2027-11-20");
    rights.set_self_attested(true);
  }

  void add_message(std::string role, std::string content) {
    v1::Message* added = prompt.add_messages();
    added->set_role(std::move(role));
    added->set_content(std::move(content));
  }

  /// Valid as long as the fixture stays as it is.
  RecordFacts facts() const {
    raw_sha256_ = tagged(sha256(answer.raw()));
    return {.sequence = sequence,
            .job_id = "j_01JD0000000000000000000000",
            .prompt = prompt,
            .sampling = sampling,
            .pair = pair,
            .answer = answer,
            .raw_sha256 = raw_sha256_,
            .message = message,
            .finish_reason = "stop",
            .logprobs_json = "",
            .rights = rights,
            .answer_samples = answer_samples};
  }
  std::string line() const {
    std::string out;
    append_record(out, facts());
    return out;
  }

  uint64_t sequence = 5;
  uint32_t answer_samples = 1;
  v1::Prompt prompt;
  v1::Sampling sampling;
  v1::Pair pair;
  v1::Answer answer;
  v1::Message message;
  v1::Rights rights;

 private:
  mutable std::string raw_sha256_;
};

}  // namespace harvest::corpus
