#include "client/cpp/pair_file.h"

#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cpp/json_value.h"
#include "client/cpp/line_source.h"
#include "client/cpp/prompt_line.h"
#include "storage/corpus/canonical_json.h"
#include "storage/corpus/digest.h"

namespace harvest::client {
namespace {

using Entry = v1::ImportPairsRequest::Entry;

constexpr size_t kMistakesTold = 20;
constexpr size_t kDigestBlockBytes = 1 << 20;
constexpr int kHttpOk = 200;

bool is_blank(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_isspace(c); });
}

std::string shown_mistake(const text::Mistake& mistake) {
  return mistake.field.empty() ? mistake.what : absl::StrCat(mistake.field, ": ", mistake.what);
}

/// One line after the other, blank ones left out; what is wrong is gathered with its number.
class Lines {
 public:
  explicit Lines(std::string path) : path_(std::move(path)) {}

  absl::Status each(const std::function<absl::StatusOr<std::string>(const LineSource::Line&)>& read) {
    auto bytes = ByteSource::open(path_);
    if (!bytes.ok()) {
      return bytes.status();
    }
    LineSource lines(*std::move(bytes));
    std::vector<std::string> wrong;
    while (wrong.size() < kMistakesTold) {
      const auto line = lines.next();
      if (!line.ok()) {
        return line.status();
      }
      if (line->end) {
        break;
      }
      if (!line->too_long && is_blank(line->text)) {
        continue;
      }
      const auto mistake =
          line->too_long ? std::string("found a line of more than 16 MiB, expected a pair") : read(*line);
      if (!mistake.ok()) {
        return mistake.status();
      }
      if (!mistake->empty()) {
        wrong.push_back(place(line->number) + *mistake);
      }
    }
    return wrong.empty() ? absl::OkStatus() : absl::InvalidArgumentError(absl::StrJoin(wrong, "\n"));
  }
  std::string place(uint64_t number) const { return absl::StrCat(path_, ":", number, ": "); }

 private:
  std::string path_;
};

/// The requests of a Batch input file, by custom id, each taken once.
class Requests {
 public:
  absl::Status read(const std::string& path) {
    Lines lines(path);
    PromptLine reader(std::nullopt);
    return lines.each([&](const LineSource::Line& line) -> absl::StatusOr<std::string> {
      v1::Prompt prompt;
      if (const Wrong wrong = reader.read_json(line.text, &prompt)) {
        return shown_mistake(*wrong);
      }
      if (prompt.custom_id().empty()) {
        return "custom_id: found none, expected the one that the output file names";
      }
      if (!prompt.later_turns().empty()) {
        return "turns: found some, expected an OpenAI Batch request (custom_id, body)";
      }
      const std::string id = prompt.custom_id();
      return prompts_.try_emplace(id, std::move(prompt)).second
                 ? std::string()
                 : absl::StrCat("custom_id: found ", text::shown(id), " a second time, expected each once");
    });
  }
  /// What is wrong; empty where the prompt was taken.
  std::string take(const std::string& custom_id, v1::Prompt* prompt) {
    const auto found = prompts_.find(custom_id);
    if (found == prompts_.end()) {
      return absl::StrCat("custom_id: found ", text::shown(custom_id), ", expected one of the requests");
    }
    if (!found->second) {
      return absl::StrCat("custom_id: found ", text::shown(custom_id), " a second time, expected each once");
    }
    *prompt = *std::move(found->second);
    found->second.reset();
    return {};
  }
  uint64_t left() const {
    return static_cast<uint64_t>(
        std::count_if(prompts_.begin(), prompts_.end(), [](const auto& entry) { return entry.second.has_value(); }));
  }

 private:
  std::map<std::string, std::optional<v1::Prompt>> prompts_;
};

/// A line of a Batch output file.
class OutputLine {
 public:
  /// What is wrong; empty where `entry` holds the answer, or `failure` says why there is none.
  std::string read(std::string_view line, Requests& requests, Entry& entry, std::string& failure) {
    simdjson::dom::element parsed, response, body, error;
    simdjson::dom::object fields;
    std::string_view custom_id, request_id;
    if (const auto wrong = dom_.parse(line.data(), line.size(), false).get(parsed); wrong != simdjson::SUCCESS) {
      return absl::StrCat("found no JSON (", simdjson::error_message(wrong), "), expected an object");
    }
    if (parsed.get(fields) != simdjson::SUCCESS) {
      return absl::StrCat("found ", found(parsed), ", expected an object");
    }
    if (fields["custom_id"].get(custom_id) != simdjson::SUCCESS) {
      return "custom_id: found none, expected a line of an OpenAI Batch output file (custom_id, response)";
    }
    const bool has_error = fields["error"].get(error) == simdjson::SUCCESS && !error.is_null();
    const bool has_response = fields["response"].get(response) == simdjson::SUCCESS && response.is_object();
    if (!has_error && !has_response) {
      return "response: found none, expected an answer or an error";
    }
    if (std::string wrong = requests.take(std::string(custom_id), entry.mutable_prompt()); !wrong.empty()) {
      return wrong;
    }
    int64_t status = 0, created = 0;
    if (has_response && response["status_code"].get(status) != simdjson::SUCCESS) {
      return "response.status_code: found none, expected a number";
    }
    if (has_error || status != kHttpOk) {
      failure =
          absl::StrCat(text::shown(std::string(custom_id)),
                       " has no answer: ", has_error ? simdjson::minify(error) : absl::StrCat("HTTP status ", status));
      return {};
    }
    if (response["body"].get(body) != simdjson::SUCCESS || !body.is_object()) {
      return "response.body: found none, expected the answer";
    }
    if (response["request_id"].get(request_id) == simdjson::SUCCESS) {
      entry.mutable_answer()->set_request_id(std::string(request_id));
    }
    if (body["created"].get(created) == simdjson::SUCCESS && created > 0) {
      entry.mutable_answer()->set_completed_at_us(created * 1'000'000);
    }
    return keep_body(line, entry);
  }

 private:
  /// As it stands in the file: what is kept is what was sent.
  std::string keep_body(std::string_view line, Entry& entry) {
    simdjson::ondemand::document document;
    simdjson::ondemand::value body;
    std::string_view raw;
    if (ondemand_.iterate(line.data(), line.size(), line.size() + LineSource::kPaddingBytes).get(document) !=
            simdjson::SUCCESS ||
        document["response"]["body"].get(body) != simdjson::SUCCESS || body.is_null() ||
        raw_object(body, raw) != simdjson::SUCCESS) {
      return "response.body: found something else, expected the answer";
    }
    entry.mutable_answer()->set_raw(std::string(raw));
    return {};
  }
  static simdjson::error_code raw_object(simdjson::ondemand::value& value, std::string_view& raw) {
    simdjson::ondemand::object object;
    const auto error = value.get_object().get(object);
    return error != simdjson::SUCCESS ? error : object.raw_json().get(raw);
  }

  simdjson::dom::parser dom_;
  simdjson::ondemand::parser ondemand_;
};

/// {"prompt": …, "completion": …}: the answer stands among what a prompt line keeps beside the prompt.
std::string take_completion(simdjson::dom::parser& parser, Entry& entry) {
  v1::Prompt& prompt = *entry.mutable_prompt();
  simdjson::dom::object fields;
  simdjson::dom::element completion;
  std::string_view text;
  if (prompt.fields_json().empty() || parser.parse(prompt.fields_json()).get(fields) != simdjson::SUCCESS ||
      fields["completion"].get(completion) != simdjson::SUCCESS) {
    return "found no answer, expected a last message of the role assistant, or completion";
  }
  if (completion.get(text) != simdjson::SUCCESS) {
    return absl::StrCat("completion: found ", found(completion), ", expected a text");
  }
  entry.mutable_message()->set_role("assistant");
  entry.mutable_message()->set_content(std::string(text));
  std::string kept;
  for (const auto [key, value] : fields) {
    if (key == "completion") {
      continue;
    }
    kept += kept.empty() ? '{' : ',';
    corpus::append_json_string(kept, key);
    kept += ':';
    append_canonical(kept, value);  // was canonical, so no key stands twice
  }
  prompt.set_fields_json(kept.empty() ? "" : kept + "}");
  return {};
}

std::string read_plain(PromptLine& reader, simdjson::dom::parser& parser, std::string_view line, Entry& entry) {
  v1::Prompt& prompt = *entry.mutable_prompt();
  if (const Wrong wrong = reader.read_json(line, &prompt)) {
    return shown_mistake(*wrong);
  }
  if (!prompt.later_turns().empty()) {
    return "turns: found some, expected messages whose last one is the assistant's";
  }
  const int last = prompt.messages_size() - 1;
  if (last < 0) {
    return "messages: found none, expected what was asked, and the answer";
  }
  if (prompt.messages(last).role() != "assistant") {
    return take_completion(parser, entry);
  }
  *entry.mutable_message() = prompt.messages(last);
  prompt.mutable_messages()->RemoveLast();
  if (prompt.messages().empty()) {
    return "messages: found an answer alone, expected what was asked before it";
  }
  return entry.message().parts_json().empty() ? "" : "messages: found an answer in parts, expected a text";
}

}  // namespace

absl::StatusOr<PairsRead> read_pairs(const PairFiles& files, const std::string& digest,
                                     const std::function<absl::Status(Entry)>& take) {
  Requests requests;
  if (!files.requests.empty()) {
    if (const absl::Status status = requests.read(files.requests); !status.ok()) {
      return status;
    }
  }
  PairsRead report;
  Lines lines(files.answers);
  OutputLine output;
  PromptLine plain(std::nullopt);
  simdjson::dom::parser parser;
  const absl::Status read = lines.each([&](const LineSource::Line& line) -> absl::StatusOr<std::string> {
    Entry entry;
    std::string failure;
    std::string wrong = files.requests.empty() ? read_plain(plain, parser, line.text, entry)
                                               : output.read(line.text, requests, entry, failure);
    if (!wrong.empty()) {
      return wrong;
    }
    if (!failure.empty()) {
      ++report.failed;
      if (report.told.size() < kMistakesTold) {
        report.told.push_back(lines.place(line.number) + failure);
      }
      return std::string();
    }
    entry.mutable_prompt()->set_line(line.number);
    if (report.pairs++ == 0) {
      entry.mutable_prompt()->set_file(std::filesystem::path(files.answers).filename().string());
    }
    entry.mutable_answer()->set_endpoint(digest);
    const absl::Status taken = take(std::move(entry));
    return taken.ok() ? absl::StatusOr<std::string>(std::string()) : taken;
  });
  if (!read.ok()) {
    return read;
  }
  if (report.pairs == 0) {
    return absl::InvalidArgumentError(absl::StrCat(files.answers, ": found no pair, expected some",
                                                   report.told.empty() ? "" : "; " + report.told.front()));
  }
  report.unanswered = requests.left();
  return report;
}

absl::StatusOr<std::string> digest_of_file(const std::string& path) {
  if (path == "-") {
    return absl::InvalidArgumentError("found standard input, expected a file: it is read twice");
  }
  auto bytes = ByteSource::open(path);
  if (!bytes.ok()) {
    return bytes.status();
  }
  corpus::Sha256 hash;
  std::vector<char> block(kDigestBlockBytes);
  for (;;) {
    const auto got = (*bytes)->read(block.data(), block.size());
    if (!got.ok()) {
      return got.status();
    }
    if (*got == 0) {
      return corpus::tagged(hash.finish());
    }
    hash.add({block.data(), *got});
  }
}

}  // namespace harvest::client
