#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cpp/harvest_client.h"
#include "client/cpp/line_source.h"
#include "client/cpp/prompt_line.h"
#include "harvest/v1/query.pb.h"
#include "proto/text/mistake.h"

namespace harvest::client {

/// Reads prompts from files, one after the other, a line at a time: memory does not grow with their size. `-` is
/// standard input; gzip and zstd are read as they are. Files called .txt (or .txt.gz, .txt.zst) hold a prompt a line,
/// others JSON lines (prompt_line.h says which); standard input is what its first line looks like. Empty lines are
/// passed over, and counted in line numbers. What is called .csv (.csv.gz, .csv.zst) or .parquet holds a JSON object a
/// row (csv_lines.h, parquet_lines.h). "dataset:NAME" is no file but the pairs of a dataset (dataset_lines.h): each is
/// asked about by a template, and its prompt names the record, and nothing of its rights: the service reads those.
///
///   auto reader = PromptReader::open({"prompts.jsonl.gz"}, "");
///   while (...) { auto got = (*reader)->next(&prompt); ... }
///
/// One owner, one thread. About a million short lines a second.
class PromptReader {
 public:
  /// Opens nothing yet but checks that every file can be read, so that a missing third file is told of before the first
  /// is asked. `template_text`: empty for none. INVALID_ARGUMENT names the file or the template.
  /// `client`: of the service that has the datasets; null: they cannot be read. Must outlive the reader.
  static absl::StatusOr<std::unique_ptr<PromptReader>> open(std::vector<std::string> paths,
                                                            const std::string& template_text,
                                                            HarvestClient* client = nullptr);

  enum class Got {
    kPrompt,
    kBadLine,  ///< bad_line() says which and why; reading may go on
    kEnd,
  };
  /// Overwrites `prompt`. A status is of the file itself (corrupt gzip, disk error): reading cannot go on.
  absl::StatusOr<Got> next(v1::Prompt* prompt);

  /// Which of the files the last prompt came from, and what messages call it.
  size_t file() const { return file_; }
  std::string name_of(size_t file) const;

  /// "prompts.jsonl:12: messages[0].role: found 'bot', expected …"
  std::string bad_line() const { return bad_line_.text(name_of(file_)); }

 private:
  PromptReader(std::vector<std::string> paths, std::optional<PromptTemplate> prompt_template, HarvestClient* client)
      : paths_(std::move(paths)), client_(client), line_(std::move(prompt_template)) {}

  absl::Status open_file();
  Wrong read_line(const LineSource::Line& line, v1::Prompt* prompt);

  enum class Form { kUnknown, kJson, kText, kTable, kPairs };
  static Form form_of(const std::string& path);
  absl::StatusOr<std::unique_ptr<ByteSource>> bytes_of(const std::string& path) const;

  std::vector<std::string> paths_;
  HarvestClient* client_;
  size_t file_ = 0;  // of paths_, the one being read
  std::unique_ptr<LineSource> lines_;
  Form form_ = Form::kUnknown;
  bool first_of_file_ = true;
  PromptLine line_;
  text::Mistake bad_line_;
};

}  // namespace harvest::client
