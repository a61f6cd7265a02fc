#include "storage/corpus/record.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "storage/corpus/commitment.h"
#include "storage/corpus/digest.h"
#include "storage/corpus/label_columns.h"
#include "storage/corpus/record_line.h"

namespace harvest::corpus {
namespace {

/// "training", "evaluation": the names that the configuration uses.
std::string purpose_text(int purpose) {
  if (purpose == v1::PURPOSE_UNSPECIFIED) return {};
  return absl::AsciiStrToLower(v1::Purpose_Name(static_cast<v1::Purpose>(purpose)));
}

/// Sorted and joined, so that one set has one text.
template <typename Texts>
std::string joined_set(const Texts& texts) {
  std::vector<std::string> sorted(texts.begin(), texts.end());
  std::sort(sorted.begin(), sorted.end());
  return absl::StrJoin(sorted, "|");
}

std::string purposes(const v1::Rights& rights) {
  std::vector<std::string> names;
  for (int purpose : rights.permits()) names.push_back(purpose_text(purpose));
  return joined_set(names);
}

/// The hash of a terms text may have been written with or without its prefix.
std::string prefixed(std::string_view hash) {
  if (hash.empty() || hash.starts_with("sha256:")) return std::string(hash);
  return "sha256:" + std::string(hash);
}

/// A day as the moment it ends. Never a bare date: readers that guess would make a time of it on shards where every
/// line has one and a text where some line has none.
std::string end_of_day(const std::string& day) {
  return day.empty() ? day : day + "T23:59:59.999999Z";
}

void append_message(std::string& out, const v1::Message& message) {
  const std::string_view values[] = {
      message.role(),         content_text(message), message.reasoning_content(), message.tool_calls_json(),
      message.tool_call_id(), message.name()};
  static_assert(std::size(values) == kMessageFields.size());
  out += '{';
  for (size_t i = 0; i < kMessageFields.size(); ++i) {
    out += i == 0 ? "\"" : ",\"";
    out += kMessageFields[i];
    out += "\":";
    append_json_string(out, values[i]);
  }
  out += '}';
}

void append_messages(std::string& out, const RecordFacts& facts) {
  out += '[';
  for (const v1::Message& message : facts.prompt.messages()) {
    append_message(out, message);
    out += ',';
  }
  append_message(out, facts.message);
  out += ']';
}

/// Of the canonical messages (commitment.h): of the prompt's as a list, of the answer's alone.
std::string prompt_sha256(const v1::Prompt& prompt) {
  std::string canonical = "[";
  for (const v1::Message& message : prompt.messages()) {
    if (canonical.size() > 1) canonical += ',';
    append_canonical_message(canonical, message);
  }
  return tagged(sha256(canonical + ']'));
}

std::string response_sha256(const v1::Message& message) {
  std::string canonical;
  append_canonical_message(canonical, message);
  return tagged(sha256(canonical));
}

/// Texts that many prompts share: the same id is the same system prompt.
std::string system_prompt_id(const v1::Prompt& prompt) {
  for (const v1::Message& message : prompt.messages())
    if (message.role() == "system" || message.role() == "developer") return tagged(sha256(content_text(message)));
  return {};
}

std::string parents_json(const v1::Pair& pair) {
  std::string json = "[";
  for (const std::string& parent : pair.parent_record_ids()) {
    if (json.size() > 1) json += ',';
    append_json_string(json, parent);
  }
  return json + ']';
}

void write_identity(RecordLine& line, const RecordFacts& facts) {
  line.text("record_id", facts.pair.record_id());
  line.integer("sequence", facts.sequence);
  line.text("prompt_id", std::string(facts.job_id) + '/' + std::to_string(facts.pair.prompt()));
  line.text("custom_id", facts.prompt.custom_id());
  line.integer("sample_index", facts.pair.sample());
  line.integer("choice", facts.pair.choice());
  line.text("parent_record_ids_json", parents_json(facts.pair));
}

void write_payload(RecordLine& line, const RecordFacts& facts) {
  append_messages(line.messages("messages"), facts);
  line.text("tools", facts.prompt.tools_json());
  line.text("system_prompt_id", system_prompt_id(facts.prompt));
  line.text("fields_json", facts.prompt.fields_json());
  line.text("api_logprobs_json", facts.logprobs_json);
}

void write_teacher(RecordLine& line, const RecordFacts& facts) {
  const v1::Answer& answer = facts.answer;
  line.text("teacher_id", facts.pair.teacher());
  line.text("provider", answer.vendor());
  line.text("model_requested", answer.model_requested());
  line.text("model_reported", answer.model_reported());
  line.text("system_fingerprint", answer.system_fingerprint());
  line.text("teacher_revision", answer.model_revision());
  line.text("endpoint_id", answer.endpoint());
}

void write_generation(RecordLine& line, const RecordFacts& facts) {
  const v1::Answer& answer = facts.answer;
  const v1::Usage& usage = answer.usage();
  line.text("params_json", params_json(facts.prompt, facts.sampling, answer.max_output_tokens()));
  line.integer("seed", facts.sampling.has_seed() ? facts.sampling.seed() : int64_t{-1});
  line.text("finish_reason", facts.finish_reason);
  line.boolean("refused", facts.pair.refused());
  line.integer("prompt_tokens", usage.input_tokens());
  line.integer("completion_tokens", usage.output_tokens());
  line.integer("reasoning_tokens", usage.reasoning_tokens());
  line.integer("cached_tokens", usage.cached_input_tokens());
  line.boolean("usage_reported", usage.reported());
  line.integer("cost_micros",
               share_of(microdollars(answer.cost_picodollars()), facts.pair.choice(), facts.answer_samples));
  line.boolean("reused", facts.pair.reused());
  line.text("requested_at", utc_text(answer.requested_at_us()));
  line.text("completed_at", utc_text(answer.completed_at_us()));
  line.text("stored_at", utc_text(facts.pair.stored_at_us()));
  line.integer("attempt", answer.attempt());
}

void write_rights(RecordLine& line, const RecordFacts& facts) {
  const v1::Rights& rights = facts.rights;
  const v1::Use& use = facts.pair.use();
  line.text("licence_id", licence_of(facts.pair, rights));
  line.text("terms_sha256", prefixed(rights.terms_sha256()));
  line.text("purposes", purposes(rights));
  line.text("obligations", joined_set(rights.obligations()));
  line.text("conditions", joined_set(rights.conditions()));
  line.text("expires_at", end_of_day(rights.expires_on()));
  line.integer("rights_version", facts.pair.rights_version());
  line.boolean("self_attested", rights.self_attested());
  line.text("prompt_source_id", facts.pair.source());
  line.text("prompt_licence_id", facts.prompt.source_licence());
  line.text("customer_id", facts.prompt.customer());
  line.text("tenant", facts.pair.tenant());
  line.text("principal", facts.pair.principal());
  line.text("use_purpose", purpose_text(use.purpose()));
  line.text("use_student", use.student());
  line.boolean("use_distributed", use.distributed());
  line.boolean("use_competes", use.competes());
}

void write_integrity(RecordLine& line, const RecordFacts& facts) {
  line.text("prompt_sha256", prompt_sha256(facts.prompt));
  line.text("response_sha256", response_sha256(facts.message));
  line.text("raw_response_sha256", facts.raw_sha256);
  line.text("record_commit", tagged(facts.pair.commit()));
  line.integer("log_index", facts.pair.log_index());
}

/// What is not computed is unknown, by the values that say so; agreement is known in snapshots alone.
void write_quality(RecordLine& line, const RecordFacts& facts, const LabelColumns& labels) {
  line.text("lang", labels.lang);
  line.text("near_dup_cluster", labels.near_dup_cluster);
  line.text("pii_flags", labels.pii_flags);
  line.text("decontam_flags", labels.decontam_flags);
  line.integer("schema_valid", labels.schema_valid);
  line.real("agreement", facts.agreement < 0 ? "-1.0" : absl::StrFormat("%.6f", facts.agreement));
  line.text("policy_version", "");
}

void write_added(RecordLine& line, const RecordFacts& facts, const LabelColumns& labels) {
  line.integer("answer_samples", facts.answer_samples);
  static const v1::SoftLabels kNone;
  const int choice = static_cast<int>(facts.pair.choice());
  const v1::SoftLabels& soft = choice < facts.answer.soft_labels_size() ? facts.answer.soft_labels(choice) : kNone;
  line.text("logprobs_kind", soft.token_ids_size() > 0 ? "ids" : soft.tokens_size() > 0 ? "text" : "");
  line.text("tokenizer_id", soft.tokenizer());
  // Answers of before teachers were watched have none.
  const uint32_t epoch = facts.answer.teacher_epoch();
  line.integer("teacher_epoch", epoch == 0 ? int64_t{-1} : int64_t{epoch});
  line.text("labels", labels.labels);
  line.text("label_rules", facts.label_rules);
}

void put_digits(std::string& text, size_t at, size_t digits, int64_t value) {
  for (size_t i = digits; i-- > 0; value /= 10) text[at + i] = static_cast<char>('0' + value % 10);
}

}  // namespace

const std::string& licence_of(const v1::Pair& pair, const v1::Rights& rights) {
  return pair.licence().empty() ? rights.licence() : pair.licence();
}

void append_record(std::string& out, const RecordFacts& facts) {
  RecordLine line(out);
  write_identity(line, facts);
  write_payload(line, facts);
  write_teacher(line, facts);
  write_generation(line, facts);
  write_rights(line, facts);
  write_integrity(line, facts);
  const LabelColumns labels = facts.labels == nullptr ? LabelColumns() : label_columns(*facts.labels);
  write_quality(line, facts, labels);
  write_added(line, facts, labels);
  line.end();
}

std::string params_json(const v1::Prompt& prompt, const v1::Sampling& sampling, uint32_t max_output_tokens) {
  JsonObject json;
  if (sampling.has_temperature()) json.real("temperature", sampling.temperature());
  if (sampling.has_top_p()) json.real("top_p", sampling.top_p());
  if (sampling.has_top_k()) json.number("top_k", sampling.top_k());
  if (sampling.has_seed()) json.raw("seed", std::to_string(sampling.seed()));
  if (sampling.stop_size() > 0) json.texts("stop", {sampling.stop().begin(), sampling.stop().end()});
  if (max_output_tokens > 0) json.number("max_output_tokens", max_output_tokens);
  if (!sampling.response_format_json().empty()) json.raw("response_format", sampling.response_format_json());
  if (!sampling.reasoning_effort().empty()) json.text("reasoning_effort", sampling.reasoning_effort());
  if (sampling.has_reasoning_budget_tokens())
    json.number("reasoning_budget_tokens", sampling.reasoning_budget_tokens());
  if (sampling.has_top_logprobs()) json.number("top_logprobs", sampling.top_logprobs());
  if (sampling.has_frequency_penalty()) json.real("frequency_penalty", sampling.frequency_penalty());
  if (sampling.has_presence_penalty()) json.real("presence_penalty", sampling.presence_penalty());
  if (!sampling.service_tier().empty()) json.text("service_tier", sampling.service_tier());
  if (sampling.has_parallel_tool_calls()) json.boolean("parallel_tool_calls", sampling.parallel_tool_calls());
  if (!sampling.extra_body_json().empty()) json.raw("extra_body", sampling.extra_body_json());
  if (!prompt.tool_choice_json().empty()) json.raw("tool_choice", prompt.tool_choice_json());
  return json.text();
}

// Three in each line: by hand, as a general formatter took a fortieth of publishing.
std::string utc_text(int64_t utc_us) {
  if (utc_us <= 0 || utc_us >= kUtcEndUs) return {};  // unknown, or no moment that the format can say
  const std::chrono::sys_time<std::chrono::microseconds> at{std::chrono::microseconds(utc_us)};
  const auto midnight = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss time(at - midnight);
  std::string text = "0000-00-00T00:00:00.000000Z";
  put_digits(text, 0, 4, static_cast<int>(date.year()));
  put_digits(text, 5, 2, static_cast<unsigned>(date.month()));
  put_digits(text, 8, 2, static_cast<unsigned>(date.day()));
  put_digits(text, 11, 2, time.hours().count());
  put_digits(text, 14, 2, time.minutes().count());
  put_digits(text, 17, 2, time.seconds().count());
  put_digits(text, 20, 6, time.subseconds().count());
  return text;
}

std::string utc_date(int64_t utc_us) {
  return absl::FormatTime("%Y-%m-%d", absl::FromUnixMicros(utc_us), absl::UTCTimeZone());
}

int64_t share_of(int64_t whole, uint32_t index, uint32_t sharers) {
  return whole * (int64_t{index} + 1) / sharers - whole * index / sharers;
}

int64_t microdollars(int64_t picodollars) {
  static constexpr int64_t kPicosPerMicro = 1'000'000;
  const int64_t half = picodollars < 0 ? -kPicosPerMicro / 2 : kPicosPerMicro / 2;
  return (picodollars + half) / kPicosPerMicro;
}

}  // namespace harvest::corpus
