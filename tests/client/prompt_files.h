#pragma once

#include <string>
#include <vector>

#include "client/cpp/prompt_reader.h"
#include "harvest/v1/query.pb.h"

namespace harvest::client {

/// A folder of its own for a test's files; gone with it.
class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();
  std::string path(const std::string& name) const { return path_ + "/" + name; }
  /// Writes a file and returns its path.
  std::string file(const std::string& name, const std::string& content) const;

 private:
  std::string path_;
};

/// Lines of one question each: "question 0", "question 1", …
std::string lines(size_t count);
std::string gzipped(const std::string& content);
std::string zstd_packed(const std::string& content);

struct ReadAll {
  std::vector<v1::Prompt> prompts;
  std::vector<std::string> bad_lines;
  absl::Status status;
};
/// Everything that reading these files gives.
ReadAll read_all(const std::vector<std::string>& paths, const std::string& template_text = "");

/// Of one line in a file called lines.jsonl: the prompt, or the mistake without the file's folder.
ReadAll read_line(const std::string& line, const std::string& template_text = "");

}  // namespace harvest::client
