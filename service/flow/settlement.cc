#include "service/flow/settlement.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "service/conversation/conversation.h"
#include "storage/corpus/commitment.h"
#include "storage/corpus/digest.h"
#include "storage/corpus/licence.h"

namespace harvest::flow {

namespace {

/// The part of a pair that the job and its teacher decide.
void set_common(v1::Pair& pair, const JobSpec& spec, const std::string& teacher, uint64_t rights_version) {
  pair.set_job_number(spec.number);
  pair.set_rights_version(rights_version);
  pair.set_tenant(spec.tenant);
  pair.set_principal(spec.principal);
  *pair.mutable_use() = spec.job.use();
  pair.set_teacher(teacher);
}

/// The part that the query and its answer decide.
void set_own(v1::Pair& pair, const Ready& query, uint32_t sample, const dialect::Choice& choice, uint32_t index,
             const std::string& teacher, std::string record_id, int64_t utc_us) {
  pair.set_record_id(std::move(record_id));
  pair.set_choice(index);
  pair.set_prompt(query.prompt_index);
  pair.set_sample(sample);
  pair.set_refused(choice.refused);
  pair.set_finish_reason(choice.finish_reason);
  pair.set_stored_at_us(utc_us);
  pair.set_source(query.prompt.source());
  *pair.mutable_parent_record_ids() = query.prompt.parent_record_ids();
  if (!query.until_accepted()) {
    pair.set_turn(query.turn);
    pair.mutable_parent_record_ids()->MergeFrom(query.turns_before);
  }
  auto salt = corpus::random_bytes(32);
  // Invariant: the operating system's generator works. Without it no pair may be made: a guessable salt betrays
  // content.
  if (!salt.ok()) std::abort();
  pair.set_salt(*std::move(salt));
  const corpus::Digest commit =
      corpus::commit(pair.salt(), query.prompt.messages(), choice.message, pair.record_id(), teacher);
  pair.set_commit(commit.data(), commit.size());
}

/// What is made of other pairs is under their licences too.
void set_licence(v1::Pair& pair, const v1::Prompt& prompt, const std::string& teachers) {
  if (!prompt.parent_record_ids().empty())
    pair.set_licence(corpus::joined_licences({teachers, prompt.source_licence()}));
}

/// How the answer came, where it came in pieces.
void set_streamed(v1::Answer& answer, const dialect::HttpExchange& exchange, const dialect::Outcome& outcome) {
  if (!outcome.first_token_end) return;
  answer.set_streamed(true);
  const std::chrono::nanoseconds first = exchange.time_of(*outcome.first_token_end);
  answer.set_first_token_us(std::chrono::duration_cast<std::chrono::microseconds>(first).count());
}

/// What the vendor says of it, beside the answer itself.
void set_told(v1::Answer& answer, const dialect::Outcome& outcome) {
  if (outcome.kind == v1::REFUSED) {
    answer.set_vendor_code(outcome.vendor_code);
    answer.set_vendor_message(outcome.message);
  }
  answer.set_model_reported(outcome.model_reported);
  answer.set_system_fingerprint(outcome.system_fingerprint);
  answer.set_service_tier(outcome.service_tier);
  answer.set_request_id(outcome.request_id);
  answer.set_served_by(outcome.served_by);
  if (outcome.cost_reported_picodollars) answer.set_cost_reported_picodollars(*outcome.cost_reported_picodollars);
  *answer.mutable_usage() = outcome.usage;
}

void set_soft_labels(v1::Answer& answer, const dialect::Outcome& outcome, const std::string& tokenizer) {
  const auto labelled = [](const dialect::Choice& choice) { return choice.soft_labels.tokens_size() > 0; };
  if (std::none_of(outcome.choices.begin(), outcome.choices.end(), labelled)) return;
  for (const dialect::Choice& choice : outcome.choices) {
    v1::SoftLabels* labels = answer.add_soft_labels();
    *labels = choice.soft_labels;
    // Whose ids they are is known only where there are ids: a token's text tells of no vocabulary.
    if (labels->token_ids_size() > 0) labels->set_tokenizer(tokenizer);
  }
}

}  // namespace

store::Stamp make_stamp(const JobSpec& spec, const v1::Teacher& teacher) {
  v1::Answer answer;
  answer.set_dialect(teacher.dialect());
  answer.set_teacher(teacher.name());
  answer.set_vendor(teacher.vendor());
  answer.set_model_requested(teacher.model());
  answer.set_model_revision(teacher.model_revision());
  answer.set_rights_version(teacher.rights().version());
  answer.set_tenant(spec.tenant);
  answer.set_principal(spec.principal);
  *answer.mutable_use() = spec.job.use();
  answer.set_job(spec.id);
  v1::Pair pair;
  set_common(pair, spec, teacher.name(), teacher.rights().version());
  return {.answer = answer.SerializeAsString(),
          .pair = pair.SerializeAsString(),
          .tenant = spec.tenant,
          .teacher = teacher.name(),
          .licence = teacher.rights().licence()};
}

v1::Pair make_pair(const JobSpec& spec, const Ready& query, const dialect::Choice& choice, uint32_t index,
                   const std::string& teacher, uint64_t rights_version, const std::string& licence,
                   std::string record_id, int64_t utc_us) {
  v1::Pair pair;
  set_common(pair, spec, teacher, rights_version);
  set_own(pair, query, query.sample, choice, index, teacher, std::move(record_id), utc_us);
  set_licence(pair, query.prompt, licence);
  return pair;
}

v1::Answer make_answer(const JobSpec::AskedTeacher& teacher, const v1::Intent& intent, int64_t output_tokens_max,
                       const std::string& endpoint, const dialect::Outcome& outcome, dialect::HttpExchange exchange,
                       int64_t cost_picodollars, int64_t utc_us) {
  const uint32_t queries = store::queries_of(intent);
  v1::Answer answer;
  set_streamed(answer, exchange, outcome);
  set_soft_labels(answer, outcome, teacher.config.tokenizer());
  answer.set_raw(std::move(exchange.body));
  set_told(answer, outcome);
  answer.set_endpoint(endpoint);
  if (intent.batch() != 0) answer.set_route("batch");
  answer.set_cost_picodollars(cost_picodollars);
  answer.set_requested_at_us(intent.started_at_us());
  answer.set_completed_at_us(utc_us);
  answer.set_attempt(intent.attempt());
  if (queries > 1) answer.set_samples(queries);
  answer.set_max_output_tokens(static_cast<uint32_t>(output_tokens_max));
  answer.set_attempt_id(intent.id());
  return answer;
}

bool may_go_on(const Ready& query, const dialect::Choice& choice) {
  // A refusal is an answer, and asking until there is none would be a way round it.
  return query.until_accepted() ? !choice.refused : conversation::may_go_on_behind(choice);
}

store::Onward make_onward(const Ready& query, const dialect::Choice& choice, const std::string& record_id,
                          int64_t utc_us) {
  store::Onward onward;
  if (query.turns_left() == 0) return onward;
  if (!may_go_on(query, choice)) {
    onward.unasked = query.turns_left();
    return onward;
  }
  v1::Postponed& next = onward.next.emplace();
  query.put_turn(next);
  if (query.until_accepted()) next.clear_parent_record_ids();  // it is the last one that is judged
  next.set_turn(query.turn + 1);
  next.add_parent_record_ids(record_id);
  next.set_due_at_us(query.until_accepted() ? store::kUndecided : utc_us);
  next.set_online(query.online);
  return onward;
}

store::Change make_settlement(const JobSpec& spec, const JobSpec::AskedTeacher& teacher, const Ready& query,
                              v1::Intent intent, const std::string& endpoint, const dialect::Outcome& outcome,
                              dialect::HttpExchange exchange, const store::Charge& charge,
                              const std::vector<std::string>& record_ids, const std::string& next_teacher,
                              int64_t utc_us) {
  store::Change change{std::in_place_type<store::Settle>};
  store::Settle& settle = std::get<store::Settle>(change);
  settle.charge = charge;
  settle.dataset = spec.job.dataset();
  settle.stamp = teacher.stamp;
  const Candidate* asked = query.candidate(teacher.index);
  assert(asked != nullptr && record_ids.size() <= std::min(outcome.choices.size(), asked->samples.size()));
  settle.answer = make_answer(teacher, intent, asked->output_tokens_max, endpoint, outcome, std::move(exchange),
                              charge.spent_picodollars, utc_us);
  settle.intent = std::move(intent);

  for (uint32_t i = 0; i < record_ids.size(); ++i) {
    const dialect::Choice& choice = outcome.choices[i];
    store::Settled& settled = settle.samples.emplace_back();
    set_own(settled.pair, query, query.sample + i, choice, i, teacher.config.name(), record_ids[i], utc_us);
    set_licence(settled.pair, query.prompt, teacher.config.rights().licence());
    settled.identity = asked->samples[i].identity;
    settled.truncated = choice.truncated;
    settled.reusable = !choice.truncated;
    settled.onward = make_onward(query, choice, record_ids[i], utc_us);
  }
  if (settle.samples.size() == query.queries()) return change;

  settle.rest.set_attempts(query.attempts);
  settle.rest.set_throttled(query.throttled);
  settle.rest.set_due_at_us(utc_us);
  settle.rest.set_teacher(next_teacher);
  settle.rest.set_last_outcome(absl::AsciiStrToLower(v1::Outcome_Name(outcome.kind)));
  settle.rest.set_last_message("the answer held fewer choices than it was asked for");
  return change;
}

v1::Ending make_ending(const Ready& query, const std::string& teacher, const dialect::Outcome& outcome,
                       uint32_t attempts, int64_t utc_us) {
  v1::Ending ending;
  ending.set_prompt(query.prompt_index);
  ending.set_line(query.prompt.line());
  ending.set_sample(query.sample);
  ending.set_teacher(teacher);
  ending.set_outcome(absl::AsciiStrToLower(v1::Outcome_Name(outcome.kind)));
  ending.set_vendor_code(outcome.vendor_code);
  ending.set_message(outcome.message);
  ending.set_attempts(attempts);
  ending.set_at_us(utc_us);
  ending.set_custom_id(query.prompt.custom_id());
  ending.set_stream(query.place.stream);
  ending.set_ordinal(query.place.ordinal);
  ending.set_turn(query.turn);
  return ending;
}

}  // namespace harvest::flow
