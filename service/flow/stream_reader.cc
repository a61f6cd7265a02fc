#include "service/flow/stream_reader.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "service/conversation/conversation.h"
#include "service/dialect/registry/registry.h"
#include "service/flow/reuse_terms.h"
#include "service/flow/sample_groups.h"
#include "service/flow/settlement.h"
#include "storage/corpus/query_identity.h"
#include "storage/corpus/query_merge.h"
#include "storage/corpus/record.h"

namespace harvest::flow {

namespace {

/// The teachers that may be asked: all of the stream's, or the one that stands in for the one that a fallback has come
/// to.
std::vector<const JobSpec::AskedTeacher*> asked_teachers(const ReadOrder& order, const std::string& fallback_to) {
  const JobSpec& spec = *order.spec;
  if (spec.job.ask() == v1::EACH) return {&spec.teachers[order.stream]};
  if (spec.job.ask() == v1::FALLBACK) {
    size_t place = 0;
    for (size_t i = 0; i < spec.teachers.size(); ++i)
      if (spec.teachers[i].config.name() == fallback_to) place = i;
    return {&spec.teachers[order.route.empty() ? place : order.route[place]]};
  }
  std::vector<const JobSpec::AskedTeacher*> asked;
  for (const JobSpec::AskedTeacher& teacher : spec.teachers) asked.push_back(&teacher);
  return asked;
}

/// How many answers this teacher gives to one request.
uint32_t choices_max(const JobSpec& spec, uint32_t teacher) {
  for (const JobSpec::AskedTeacher& asked : spec.teachers)
    if (asked.index == teacher) return asked.dialect->abilities(asked.config).choices_max;
  return 1;
}

/// Of who answered, where the job asks it too; else of whom it would have asked, which is the same model.
const std::string& licence_of(const JobSpec& spec, const std::string& answered, const v1::Teacher& asked) {
  for (const JobSpec::AskedTeacher& teacher : spec.teachers)
    if (teacher.config.name() == answered) return teacher.config.rights().licence();
  return asked.rights().licence();
}

}  // namespace

absl::Status StreamReader::make_ready(const ReadOrder& order, v1::Prompt prompt, const std::string& fallback_to,
                                      Ready& query) const {
  const JobSpec& spec = *order.spec;
  query.sampling = corpus::merge_sampling(spec.job.sampling(), prompt.sampling(), query.sample);
  query.prompt = std::move(prompt);
  query.prompt.clear_sampling();
  corpus::apply_job(spec.job, query.prompt);
  if (spec.samples_until > 0)
    query.samples_left = spec.samples_until - query.turn;
  else if (absl::Status said = conversation::take_up(store_, query.turns_before, query.prompt); !said.ok())
    return said;
  const int64_t input_max = dialect::input_tokens_max(query.prompt, query.sampling);
  for (const JobSpec::AskedTeacher* teacher : asked_teachers(order, fallback_to)) {
    Candidate& candidate = query.candidates.emplace_back();
    candidate.teacher = teacher->index;
    candidate.input_tokens_max = input_max;
    candidate.output_tokens_max = output_cap(query.sampling, teacher->config);
    candidate.kind = order.spec->prompt_kind;
    candidate.samples.emplace_back().identity = corpus::query_identity(
        teacher->config.model(), teacher->config.model_revision(), query.prompt, query.sampling, query.sample);
  }
  return absl::OkStatus();
}

ReadResult StreamReader::read(const ReadOrder& order) {
  const JobSpec& spec = *order.spec;
  ReadResult result{.job = spec.number, .stream = order.stream, .generation = order.generation};
  if (order.next_fresh) {
    result.next_fresh = *order.next_fresh;
  } else {
    auto record = store_.job(spec.number);
    if (!record.ok() || static_cast<int>(order.stream) >= record->streams_size()) {
      result.status = record.ok() ? absl::DataLossError("a job lacks a stream") : record.status();
      return result;
    }
    result.next_fresh = record->streams(static_cast<int>(order.stream)).cursor();
  }

  // Rows in memory stay on disk until their intent is written, so as many more are read as may be held.
  std::vector<v1::Postponed> due =
      store_.postponed(spec.number, order.stream, order.utc_us, order.limit + order.held.size());
  std::erase_if(due, [&](const v1::Postponed& row) { return order.held.contains(row.ordinal()); });
  if (due.size() > order.limit) {
    result.next_due_us = due[order.limit].due_at_us();
    due.resize(order.limit);
  } else {
    // What is not decided is due when somebody says so.
    auto later =
        store_.postponed(spec.number, order.stream, store::kUndecided - 1, 1, std::make_pair(order.utc_us, UINT64_MAX));
    if (!later.empty()) result.next_due_us = later.front().due_at_us();
  }

  for (const v1::Postponed& row : due) {
    ReadyPtr made = std::make_unique<Ready>();
    Ready& query = *made;
    query.place = {spec.number, order.stream, row.ordinal(), row.due_at_us()};
    query.attempts = row.attempts();
    query.throttled = row.throttled();
    query.crashes = row.crashes();
    query.online = row.online();
    query.turn = row.turn();
    query.turns_before = row.parent_record_ids();
    query.prompt_index = row.ordinal() / spec.samples;
    query.sample = store::sample_at(spec.job, row.ordinal(), row.turn());
    auto prompts = store_.prompts(spec.number, query.prompt_index, 1);
    if (!prompts.ok() || prompts->empty()) {
      result.status = prompts.ok() ? absl::DataLossError("a postponed query's prompt is missing") : prompts.status();
      return result;
    }
    result.status = make_ready(order, std::move(prompts->front()), row.teacher(), query);
    if (!result.status.ok()) return result;
    result.queries.push_back(std::move(made));
  }
  result.status = expand(order, result);
  if (!result.status.ok()) return result;
  if (!spec.job.fresh()) find_known(order, result.queries);
  if (spec.samples > 1) join_samples(result.queries, [&](uint32_t teacher) { return choices_max(spec, teacher); });
  return result;
}

absl::StatusOr<ReadyPtr> StreamReader::revive(const std::shared_ptr<const JobSpec>& spec,
                                              const v1::Intent& intent) const {
  ReadyPtr made = std::make_unique<Ready>();
  Ready& query = *made;
  query.place = {spec->number, intent.stream(), intent.ordinal(), std::nullopt};
  query.place.queries = store::queries_of(intent);
  query.attempts = intent.attempt() - 1;
  query.crashes = intent.crashes();
  query.prompt_index = intent.ordinal() / spec->samples;
  query.sample = store::sample_at(spec->job, intent.ordinal(), intent.turn());
  auto prompts = store_.prompts(spec->number, query.prompt_index, 1);
  if (!prompts.ok()) return prompts.status();
  if (prompts->empty()) return absl::DataLossError("an asked query's prompt is missing");
  query.turn = intent.turn();
  query.turns_before = intent.parent_record_ids();
  absl::Status ready = make_ready({.spec = spec, .stream = intent.stream()}, std::move(prompts->front()), "", query);
  if (!ready.ok()) return ready;
  for (Candidate& candidate : query.candidates) {
    const v1::Teacher& teacher = spec->teachers[intent.stream()].config;
    for (uint32_t sample = 1; sample < query.queries(); ++sample)
      candidate.samples.emplace_back().identity = corpus::query_identity(
          teacher.model(), teacher.model_revision(), query.prompt, query.sampling, query.sample + sample);
  }
  return made;
}

absl::Status StreamReader::expand(const ReadOrder& order, ReadResult& result) const {
  const JobSpec& spec = *order.spec;
  std::vector<ReadyPtr>& queries = result.queries;
  uint64_t& ordinal = result.next_fresh;
  // A prompt's samples are read on past the limit where they may be one group: cut apart, they would be asked apart.
  uint32_t together = spec.samples;
  for (const JobSpec::AskedTeacher* teacher : asked_teachers(order, ""))
    together = std::min(together, choices_max(spec, teacher->index));
  const auto cut_here = [&] { return ordinal % spec.samples % std::max(1u, together) == 0; };
  while (queries.size() < order.limit && ordinal < spec.ordinals()) {
    const size_t wanted = (order.limit - queries.size() + spec.samples - 1) / spec.samples;
    auto prompts = store_.prompts(spec.number, ordinal / spec.samples, wanted);
    if (!prompts.ok()) return prompts.status();
    if (prompts->empty()) return absl::DataLossError("a job holds fewer prompts than it counts");
    for (v1::Prompt& prompt : *prompts) {
      const uint64_t index = ordinal / spec.samples;
      for (; ordinal / spec.samples == index && (queries.size() < order.limit || !cut_here()); ++ordinal) {
        Ready& query = *queries.emplace_back(std::make_unique<Ready>());
        query.place = {spec.number, order.stream, ordinal, std::nullopt};
        query.prompt_index = index;
        query.sample = static_cast<uint32_t>(ordinal % spec.samples);
        const bool last = query.sample + 1 == spec.samples;  // of this prompt: it need not be copied once more
        absl::Status ready = make_ready(order, last ? std::move(prompt) : v1::Prompt(prompt), "", query);
        if (!ready.ok()) return ready;
      }
    }
  }
  return absl::OkStatus();
}

void StreamReader::find_known(const ReadOrder& order, std::vector<ReadyPtr>& queries) {
  std::vector<store::Identity> identities;
  identities.reserve(queries.size());
  for (const ReadyPtr& query : queries)
    for (const Candidate& candidate : query->candidates) identities.push_back(candidate.samples.front().identity);
  const auto known = store_.find_answers(order.spec->tenant, identities);
  size_t i = 0;
  for (const ReadyPtr& query : queries)
    for (size_t c = 0; c < query->candidates.size(); ++c, ++i)
      // An answer that cannot be read back, or may not be used for this, is no answer: the query is asked.
      if (known[i] && !query->known) reuse(order, *known[i], query->candidates[c], *query).IgnoreError();
}

absl::Status StreamReader::reuse(const ReadOrder& order, store::KnownAnswer known, const Candidate& candidate,
                                 Ready& query) {
  const JobSpec& spec = *order.spec;
  auto answer = store_.answer(known.answer);
  if (!answer.ok()) return answer.status();
  const ReuseTerms terms{spec.created_at_us, spec.max_age_us, spec.any_whole_answer};
  if (absl::Status status = may_serve(*answer, candidate.output_tokens_max, terms, order.utc_us); !status.ok())
    return status;
  if (!may_reuse_(answer->teacher(), spec.job.use())) return absl::PermissionDeniedError("use not permitted");
  // A conversation is held with one teacher.
  const v1::Teacher* asked = nullptr;
  for (const JobSpec::AskedTeacher& teacher : spec.teachers)
    if (teacher.index == candidate.teacher) asked = &teacher.config;
  assert(asked != nullptr);  // Invariant: candidates are of the job's teachers
  if (query.in_conversation() && asked->name() != answer->teacher()) return absl::NotFoundError("of another teacher");
  const dialect::Dialect* spoken = dialect::find_dialect(answer->dialect());
  if (spoken == nullptr) return absl::NotFoundError("dialect");
  auto decoded = spoken->decode_stored(answer->raw());
  if (!decoded.ok()) return decoded.status();
  if (known.choice >= decoded->choices.size()) return absl::DataLossError("choice");
  const dialect::Choice& choice = decoded->choices[known.choice];
  v1::Pair pair =
      make_pair(spec, query, choice, known.choice, answer->teacher(), answer->rights_version(),
                licence_of(spec, answer->teacher(), *asked), ulids_.next_id("r_", order.utc_us), order.utc_us);
  pair.set_answer(known.answer);
  pair.set_reused(true);
  // As its record says: fewer than were asked for share the cost where the answer held fewer.
  const auto sharers = std::min<size_t>(std::max(1u, answer->samples()), decoded->choices.size());
  store::Onward onward = make_onward(query, choice, pair.record_id(), order.utc_us);
  query.known = {
      .pair = std::move(pair),
      .raw_bytes = known.raw_bytes,
      .saved_picodollars = corpus::share_of(answer->cost_picodollars(), known.choice, static_cast<uint32_t>(sharers)),
      .onward = std::move(onward)};
  return absl::OkStatus();
}

}  // namespace harvest::flow
