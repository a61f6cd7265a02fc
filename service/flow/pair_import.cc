#include "service/flow/pair_import.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "service/config/teacher_checks.h"
#include "service/dialect/dialect.h"
#include "service/dialect/registry/registry.h"
#include "storage/corpus/canonical_json.h"
#include "storage/corpus/commitment.h"
#include "storage/corpus/dataset_name.h"
#include "storage/corpus/digest.h"
#include "storage/corpus/record.h"

namespace harvest::flow {
namespace {

/// No configured teacher's name has a colon.
constexpr char kImportPrefix[] = "import:";
constexpr char kImportDialect[] = "openai-chat";
constexpr char kFilePrefix[] = "sha256:";
constexpr size_t kStatedBytesMax = 128;
constexpr size_t kImportBytesMax = 16 << 20;  // of an entry
constexpr size_t kHexDigits = 64;

absl::Status expected(const std::string& field, const std::string& found, const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": found ", found, ", expected ", what));
}

bool is_plain(const std::string& text) {
  return text.size() <= kStatedBytesMax && std::none_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_iscntrl(static_cast<unsigned char>(c)) || c == '|' || c == '\'';
         });
}

bool is_file_digest(const std::string& text) {
  return text.size() == sizeof kFilePrefix - 1 + kHexDigits && absl::StartsWith(text, kFilePrefix) &&
         std::all_of(text.begin() + sizeof kFilePrefix - 1, text.end(), [](char c) {
           return absl::ascii_isdigit(static_cast<unsigned char>(c)) || (c >= 'a' && c <= 'f');
         });
}

absl::Status check_import(const v1::ImportPairsRequest& request) {
  if (absl::Status status = corpus::check_dataset_name(request.dataset()); !status.ok()) return status;
  if (request.submission_id().empty()) return expected("submission_id", "nothing", "an id of the client's choosing");
  if (request.use().purpose() == v1::PURPOSE_UNSPECIFIED)
    return expected("use.purpose", "none", "training or evaluation: what the pairs are for is stated, never defaulted");
  if (request.teacher().empty() || !is_plain(request.teacher()))
    return expected("teacher", request.teacher().empty() ? "none" : "something else",
                    "the model that answered, of at most 128 bytes without control characters, | and '");
  if (!is_plain(request.vendor()))
    return expected("vendor", "something else", "at most 128 bytes without control characters, | and '");
  absl::Status wrong;
  if (request.has_rights())
    config::check_rights(request.rights(), [&wrong](const std::string& field, const std::string& what) {
      if (wrong.ok()) wrong = absl::InvalidArgumentError(absl::StrCat(field, ": ", what));
    });
  return wrong;
}

/// Who answered, as the job pins it: its rights are the pairs'.
v1::Teacher imported_teacher(const v1::ImportPairsRequest& request) {
  v1::Teacher teacher;
  teacher.set_name(imported_teacher_name(request.teacher()));
  teacher.set_dialect(kImportDialect);
  teacher.set_vendor(request.vendor());
  teacher.set_model(request.teacher());
  if (request.has_rights()) {
    *teacher.mutable_rights() = request.rights();
    teacher.mutable_rights()->set_version(1);
    teacher.mutable_rights()->set_self_attested(true);
  }
  return teacher;
}

/// Of an answer that is text alone: the body that a Chat Completions server would have sent.
std::string chat_completion(const v1::ImportPairsRequest::Entry& entry) {
  corpus::JsonObject message;
  message.text("role", "assistant");
  message.text(entry.refused() ? "refusal" : "content", entry.message().content());
  if (!entry.message().reasoning_content().empty())
    message.text("reasoning_content", entry.message().reasoning_content());
  if (!entry.message().tool_calls_json().empty()) message.raw("tool_calls", entry.message().tool_calls_json());
  corpus::JsonObject choice;
  choice.number("index", 0);
  choice.raw("message", message.text());
  if (!entry.finish_reason().empty()) choice.text("finish_reason", entry.finish_reason());
  corpus::JsonObject body;
  body.text("object", "chat.completion");
  body.raw("choices", absl::StrCat("[", choice.text(), "]"));
  return body.text();
}

absl::Status check_entry(const v1::ImportPairsRequest::Entry& entry) {
  const v1::Prompt& prompt = entry.prompt();
  if (prompt.messages().empty()) return expected("prompt.messages", "none", "what was asked");
  if (!prompt.later_turns().empty())
    return expected("prompt.later_turns", "some", "one answer, and all before it said");
  if (!prompt.parent_record_ids().empty())
    return expected("prompt.parent_record_ids", "some", "none: what was made elsewhere names no record of ours");
  if (entry.ByteSizeLong() > kImportBytesMax)
    return expected("entry", absl::StrCat(entry.ByteSizeLong(), " bytes"), absl::StrCat("at most ", kImportBytesMax));
  if (!is_file_digest(entry.answer().endpoint()))
    return expected("answer.endpoint", "something else", "sha256: and 64 hex digits, of the file that it came from");
  if (entry.answer().raw().empty() && !entry.message().parts_json().empty())
    return expected("message", "parts", "an answer that is a text");
  const int64_t completed_us = entry.answer().completed_at_us();
  if (completed_us < 0 || completed_us >= corpus::kUtcEndUs)
    return expected("answer.completed_at_us", absl::StrCat(completed_us),
                    "microseconds since 1970, before the year 10000");
  return absl::OkStatus();
}

/// The answer's row, but for its job.
v1::Answer make_imported_answer(const v1::ImportPairsRequest& request, const v1::ImportPairsRequest::Entry& entry,
                                const v1::Teacher& teacher, const Caller& caller, const dialect::Outcome& outcome,
                                std::string raw) {
  v1::Answer answer;
  answer.set_raw(std::move(raw));
  answer.set_dialect(kImportDialect);
  answer.set_teacher(teacher.name());
  answer.set_vendor(request.vendor());
  answer.set_model_requested(request.teacher());
  answer.set_model_reported(outcome.model_reported);
  answer.set_system_fingerprint(outcome.system_fingerprint);
  answer.set_service_tier(outcome.service_tier);
  answer.set_request_id(entry.answer().request_id());
  answer.set_endpoint(absl::StrCat(kImportPrefix, entry.answer().endpoint()));
  *answer.mutable_usage() = outcome.usage;
  answer.set_completed_at_us(entry.answer().completed_at_us());
  answer.set_rights_version(teacher.rights().version());
  answer.set_tenant(caller.tenant);
  answer.set_principal(caller.principal);
  *answer.mutable_use() = request.use();
  return answer;
}

v1::Pair make_imported_pair(const v1::ImportPairsRequest& request, const v1::Prompt& prompt, uint64_t index,
                            const v1::Teacher& teacher, const Caller& caller, const dialect::Choice& choice,
                            std::string record_id, int64_t utc_us) {
  v1::Pair pair;
  pair.set_record_id(std::move(record_id));
  pair.set_prompt(index);
  pair.set_refused(choice.refused);
  pair.set_finish_reason(choice.finish_reason);
  pair.set_rights_version(teacher.rights().version());
  pair.set_tenant(caller.tenant);
  pair.set_principal(caller.principal);
  *pair.mutable_use() = request.use();
  pair.set_stored_at_us(utc_us);
  pair.set_source(prompt.source());
  pair.set_teacher(teacher.name());
  pair.set_imported(true);
  auto salt = corpus::random_bytes(32);
  // As of every pair: a guessable salt betrays content.
  if (!salt.ok()) std::abort();
  pair.set_salt(*std::move(salt));
  const corpus::Digest commit =
      corpus::commit(pair.salt(), prompt.messages(), choice.message, pair.record_id(), teacher.name());
  pair.set_commit(commit.data(), commit.size());
  return pair;
}

}  // namespace

std::string imported_teacher_name(const std::string& stated) {
  return absl::StrCat(kImportPrefix, stated);
}

absl::StatusOr<v1::ImportPairsReply> PairImport::import(const v1::ImportPairsRequest& request, const Caller& caller) {
  if (absl::Status status = check_import(request); !status.ok()) return status;
  if (absl::Status status = intake_.check_dataset_owner(request.dataset(), caller.tenant); !status.ok()) return status;
  const v1::Teacher teacher = imported_teacher(request);
  if (const auto known = store_.find_submission(request.submission_id()); known.ok()) {
    const bool same = known->tenant() == caller.tenant && known->pinned_teachers_size() == 1 &&
                      known->pinned_teachers(0).SerializeAsString() == teacher.SerializeAsString() &&
                      known->job().dataset() == request.dataset() &&
                      known->job().use().SerializeAsString() == request.use().SerializeAsString();
    if (!same) return absl::AlreadyExistsError("submission_id: found one of another import, expected one of its own");
  }
  v1::ImportPairsReply reply;
  if (request.entries().empty()) return reply;

  const int64_t utc_us = clock_.utc_us();
  store::ImportPairs change;
  v1::JobRecord& record = change.record;
  record.set_id(new_id("j_", utc_us));
  record.mutable_job()->set_dataset(request.dataset());
  record.mutable_job()->add_teachers(teacher.name());
  record.mutable_job()->set_samples(1);
  *record.mutable_job()->mutable_use() = request.use();
  record.set_tenant(caller.tenant);
  record.set_principal(caller.principal);
  record.set_submission_id(request.submission_id());
  record.set_created_at_us(utc_us);
  record.set_finished_at_us(utc_us);
  *record.add_pinned_teachers() = teacher;
  change.first = request.first();
  const dialect::Dialect* const dialect = dialect::find_dialect(kImportDialect);
  v1::PromptBlock block;
  for (int i = 0; i < request.entries_size(); ++i) {
    const v1::ImportPairsRequest::Entry& entry = request.entries(i);
    const uint64_t index = request.first() + static_cast<uint64_t>(i);
    const auto wrong = [index](const absl::Status& status) {
      return absl::InvalidArgumentError(absl::StrCat("pair ", index + 1, ": ", status.message()));
    };
    absl::Status checked = check_entry(entry);
    // What is published of it has the form that what is asked has.
    if (checked.ok()) checked = dialect->check(teacher, entry.prompt(), entry.prompt().sampling());
    if (!checked.ok()) return wrong(checked);
    std::string raw = entry.answer().raw().empty() ? chat_completion(entry) : entry.answer().raw();
    const auto outcome = dialect->decode_stored(raw);
    if (!outcome.ok()) return wrong(outcome.status());
    if (!outcome->has_answer() || outcome->choices.empty())
      return wrong(expected("answer", outcome->reason().empty() ? "something else" : outcome->reason(),
                            "the body of a Chat Completions answer"));
    if (outcome->choices.size() > 1)
      return wrong(expected("answer", absl::StrCat(outcome->choices.size(), " choices"), "one"));
    store::ImportPairs::Made& made = change.made.emplace_back();
    made.answer = make_imported_answer(request, entry, teacher, caller, *outcome, std::move(raw));
    made.pair = make_imported_pair(request, entry.prompt(), index, teacher, caller, outcome->choices[0],
                                   new_id("r_", utc_us), utc_us);
    *block.add_prompts() = entry.prompt();
  }
  if (!block.SerializeToString(&change.block)) return absl::InternalError("a chunk of prompts cannot be serialized");
  const uint64_t pairs = change.made.size();
  const auto applied = store_.apply_and_wait(std::move(change));
  if (!applied.ok()) return applied.status();
  reply.set_held_before(applied->count);
  reply.set_pairs(pairs - applied->count);
  return reply;
}

std::string PairImport::new_id(const char* prefix, int64_t utc_us) {
  std::lock_guard lock(mutex_);
  return ulids_.next_id(prefix, utc_us);
}

}  // namespace harvest::flow
