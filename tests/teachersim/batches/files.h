#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <unordered_map>

#include "tests/teachersim/dialects/call.h"

namespace teachersim {

struct StoredFile {
  std::string id;
  std::string name;
  std::string purpose;
  std::string content;
  std::int64_t created_s = 0;

  /// As OpenAI, Azure and Mistral describe a file; what only one of them tells the others pass over.
  boost::json::object describe() const;
};

/// The files of the account: what was uploaded, and the results of batches.
class Files {
 public:
  explicit Files(std::string run) : run_(std::move(run)) {}

  const StoredFile& add(std::string name, std::string purpose, std::string content, std::int64_t now_s);
  const StoredFile* find(std::string_view id) const;  // null when there is none
  bool remove(std::string_view id) { return files_.erase(std::string(id)) > 0; }
  boost::json::array describe_all() const;

 private:
  const std::string run_;
  std::unordered_map<std::string, StoredFile> files_;
  std::int64_t made_ = 0;
};

/// Reads an upload (multipart/form-data with the parts "file" and "purpose"). False when it is none.
bool read_upload(const Call& call, StoredFile& file);

}  // namespace teachersim
