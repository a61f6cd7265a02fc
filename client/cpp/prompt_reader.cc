#include "client/cpp/prompt_reader.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/cpp/csv_lines.h"
#include "client/cpp/dataset_lines.h"
#include "client/cpp/parquet_lines.h"

namespace harvest::client {
namespace {

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r\f\v") == std::string_view::npos;
}

/// Packed or not.
bool is_called(const std::string& path, absl::string_view ending) {
  absl::string_view name = path;
  absl::ConsumeSuffix(&name, ".gz") || absl::ConsumeSuffix(&name, ".zst");
  return absl::EndsWithIgnoreCase(name, ending);
}

std::string base_name(const std::string& path) {
  return path.substr(path.find_last_of('/') + 1);
}

}  // namespace

absl::StatusOr<std::unique_ptr<PromptReader>> PromptReader::open(std::vector<std::string> paths,
                                                                 const std::string& template_text,
                                                                 HarvestClient* client) {
  if (paths.empty()) {
    return absl::InvalidArgumentError("found no prompts, expected at least one file, or - for standard input");
  }
  if (std::count(paths.begin(), paths.end(), "-") > 1) {
    return absl::InvalidArgumentError("found - twice, expected standard input once");
  }
  std::optional<PromptTemplate> prompt_template;
  if (!template_text.empty()) {
    auto parsed = PromptTemplate::parse(template_text);
    if (!parsed.ok()) {
      return parsed.status();
    }
    prompt_template = *std::move(parsed);
  }
  for (const std::string& path : paths) {
    if (path == "-") {
      continue;
    }
    if (form_of(path) == Form::kPairs) {
      if (template_text.empty()) {
        return absl::InvalidArgumentError(
            absl::StrCat(path, ": found no template, expected --template 'text with {{prompt}} and {{answer}}'"));
      }
      if (client == nullptr) {
        return absl::InvalidArgumentError(absl::StrCat(path, ": datasets cannot be read here, expected files"));
      }
      continue;
    }
    if (const auto probe = ByteSource::open(path); !probe.ok()) {
      return probe.status();
    }
  }
  return std::unique_ptr<PromptReader>(new PromptReader(std::move(paths), std::move(prompt_template), client));
}

PromptReader::Form PromptReader::form_of(const std::string& path) {
  if (path == "-") {
    return Form::kUnknown;
  }
  if (DatasetPrompts::parse(path)) {
    return Form::kPairs;
  }
  return is_called(path, ".txt")                                                 ? Form::kText
         : is_called(path, ".csv") || absl::EndsWithIgnoreCase(path, ".parquet") ? Form::kTable
                                                                                 : Form::kJson;
}

absl::StatusOr<std::unique_ptr<ByteSource>> PromptReader::bytes_of(const std::string& path) const {
  if (const auto pairs = DatasetPrompts::parse(path)) {
    return dataset_lines(*client_, *pairs);
  }
  if (absl::EndsWithIgnoreCase(path, ".parquet")) {
    return parquet_lines(path);
  }
  auto bytes = ByteSource::open(path);
  if (bytes.ok() && form_of(path) == Form::kTable) {
    return csv_lines(*std::move(bytes), path);
  }
  return bytes;
}

absl::Status PromptReader::open_file() {
  auto bytes = bytes_of(paths_[file_]);
  if (!bytes.ok()) {
    return bytes.status();
  }
  lines_ = std::make_unique<LineSource>(*std::move(bytes));
  form_ = form_of(paths_[file_]);
  first_of_file_ = true;
  return absl::OkStatus();
}

std::string PromptReader::name_of(size_t file) const {
  return file >= paths_.size() ? "" : paths_[file] == "-" ? "standard input" : paths_[file];
}

Wrong PromptReader::read_line(const LineSource::Line& line, v1::Prompt* prompt) {
  if (line.too_long) {
    return text::Mistake{
        {},
        "",
        absl::StrCat("found a line of more than ", LineSource::kLineBytesMax >> 20, " MiB, expected a shorter one")};
  }
  if (form_ == Form::kUnknown) {
    // Standard input has no name: its first line decides for all of it, so that a broken line later is no prompt.
    form_ = line.text[line.text.find_first_not_of(" \t")] == '{' ? Form::kJson : Form::kText;
  }
  if (form_ == Form::kPairs) {
    return line_.read_pair(line.text, prompt);
  }
  if (form_ == Form::kTable) {
    // A row that is wrong for itself stands as words.
    return line.text.starts_with('{') ? line_.read_json(line.text, prompt)
                                      : text::Mistake{{}, "", std::string(line.text)};
  }
  // With a template only objects make sense; plain text is then a bad line that says so.
  return form_ == Form::kJson || line_.has_template() ? line_.read_json(line.text, prompt)
                                                      : PromptLine::read_text(line.text, prompt);
}

absl::StatusOr<PromptReader::Got> PromptReader::next(v1::Prompt* prompt) {
  while (file_ < paths_.size()) {
    if (lines_ == nullptr) {
      if (const absl::Status status = open_file(); !status.ok()) {
        return status;
      }
    }
    const auto line = lines_->next();
    if (!line.ok()) {
      return line.status();
    }
    if (line->end) {
      lines_.reset();
      ++file_;
      continue;
    }
    if (!line->too_long && is_blank(line->text)) {
      continue;
    }
    prompt->Clear();
    if (Wrong wrong = read_line(*line, prompt)) {
      bad_line_ = *std::move(wrong);
      bad_line_.place.line = static_cast<int>(line->number);
      return Got::kBadLine;
    }
    prompt->set_line(line->number);
    if (first_of_file_) {
      prompt->set_file(base_name(name_of(file_)));
      first_of_file_ = false;
    }
    return Got::kPrompt;
  }
  return Got::kEnd;
}

}  // namespace harvest::client
