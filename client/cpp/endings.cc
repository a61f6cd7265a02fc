#include "client/cpp/endings.h"

#include <simdjson.h>

#include "absl/strings/str_cat.h"
#include "client/cpp/terminal_text.h"

namespace harvest::client {
namespace {

std::string text_of(const simdjson::dom::object& record, std::string_view key) {
  std::string_view text;
  return record[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

/// True where the record is a refused pair of the job; `ending` then says which.
bool is_refusal(const simdjson::dom::object& record, const std::string& job_id, v1::Ending* ending) {
  bool refused = false;
  if (record["refused"].get(refused) != simdjson::SUCCESS || !refused) {
    return false;
  }
  const std::string prompt_id = text_of(record, "prompt_id");  // job id, '/', index of the prompt
  std::string_view index = prompt_id;
  if (index.substr(0, job_id.size()) != job_id || index.substr(job_id.size(), 1) != "/") {
    return false;
  }
  index.remove_prefix(job_id.size() + 1);
  ending->Clear();
  ending->set_prompt(std::strtoull(std::string(index).c_str(), nullptr, 10));
  uint64_t sample = 0;
  if (record["sample_index"].get(sample) == simdjson::SUCCESS) {
    ending->set_sample(static_cast<uint32_t>(sample));
  }
  ending->set_teacher(text_of(record, "teacher_id"));
  ending->set_custom_id(text_of(record, "custom_id"));
  ending->set_outcome("refused");
  ending->set_vendor_code(text_of(record, "finish_reason"));
  ending->set_message(absl::StrCat("pair ", text_of(record, "record_id")));
  return true;
}

}  // namespace

uint64_t ended_otherwise(const v1::JobCounters& counters) {
  return counters.refused() + counters.rejected() + counters.quarantined();
}

absl::Status each_ending(HarvestClient& client, const v1::JobStatus& job, uint64_t limit,
                         const std::function<bool(const v1::Ending&)>& show) {
  uint64_t shown = 0;
  bool enough = false;
  const auto show_one = [&](const v1::Ending& ending) {
    enough = !show(ending) || ++shown == limit;
    return !enough;
  };
  const v1::JobRecord& record = job.record();
  const auto show_listed = [&](v1::Ending ending) {
    if (!record.job().until().empty()) {
      ending.clear_turn();  // it counts the samples there
    }
    return show_one(ending);
  };
  if (absl::Status status = client.endings(record.id(), limit, show_listed); !status.ok() || enough) {
    return status;
  }
  uint64_t left = record.counters().refused();
  if (left == 0) {
    return absl::OkStatus();
  }
  const auto dataset = client.dataset(record.job().dataset());
  if (!dataset.ok()) {
    return dataset.status();
  }
  v1::TailPairsRequest request;
  request.set_dataset(record.job().dataset());
  request.set_last(dataset->record().pairs());
  simdjson::dom::parser parser;
  v1::Ending ending;
  return client.tail(request, [&](const v1::PairRecord& pair) {
    simdjson::dom::object fields;
    if (parser.parse(pair.record_json()).get(fields) != simdjson::SUCCESS ||
        !is_refusal(fields, record.id(), &ending)) {
      return true;
    }
    ending.set_line(pair.line());
    return show_one(ending) && --left > 0;
  });
}

std::string unasked_line(const v1::JobRecord& job) {
  const v1::JobCounters& counters = job.counters();
  const bool until = !job.job().until().empty();
  if (counters.unasked() == 0) {
    return "";
  }
  return absl::StrCat(counters.unasked(), counters.unasked() == 1 ? " query was" : " queries were", " not asked: ",
                      until ? "samples after one that was accepted, or that ended without an answer"
                            : "turns after one that was refused, cut off, or has no answer with text");
}

std::string ending_line(const v1::Ending& ending) {
  std::string line = absl::StrCat("prompt ", ending.prompt());
  std::string where = ending.line() > 0 ? absl::StrCat("line ", ending.line()) : "";
  if (!ending.custom_id().empty()) {
    absl::StrAppend(&where, where.empty() ? "" : ", ", ending.custom_id());
  }
  if (!where.empty()) {
    absl::StrAppend(&line, " (", where, ")");
  }
  absl::StrAppend(&line, ", sample ", ending.sample(), ending.turn() > 0 ? absl::StrCat(", turn ", ending.turn()) : "",
                  ", teacher ", ending.teacher(), ": ", ending.outcome());
  if (!ending.vendor_code().empty()) {
    absl::StrAppend(&line, " ", ending.vendor_code());
  }
  if (!ending.message().empty()) {
    absl::StrAppend(&line, ": ", ending.message());
  }
  return safe_text(line);
}

}  // namespace harvest::client
