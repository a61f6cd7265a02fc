#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace boost::json {
class value;
class object;
}  // namespace boost::json

namespace harvest::corpus {

class JsonDocument;

/// Typed reading of one object's fields. A missing or mistyped field is noted in the document, by its path, and reads
/// as empty: all mistakes are told at once, and the caller asks once at the end. Lives no longer than its document.
class JsonFields {
 public:
  /// For fields that files of before have not: ask before reading.
  bool has(std::string_view key) const { return find(key) != nullptr; }
  std::string text(std::string_view key);
  uint64_t number(std::string_view key);
  bool boolean(std::string_view key);
  std::vector<std::string> texts(std::string_view key);
  /// An object whose values are all numbers.
  std::vector<std::pair<std::string, uint64_t>> numbers(std::string_view key);
  std::vector<JsonFields> objects(std::string_view key);

  void mistake(std::string_view key, std::string_view expected);

 private:
  friend class JsonDocument;
  JsonFields(JsonDocument& document, const boost::json::object& object, std::string path)
      : document_(&document), object_(&object), path_(std::move(path)) {}
  const boost::json::value* find(std::string_view key) const;

  JsonDocument* document_;
  const boost::json::object* object_;
  std::string path_;  ///< "" or "shards[3]."
};

/// A parsed JSON object and what was wrong with it.
class JsonDocument {
 public:
  /// INVALID_ARGUMENT where `json` is no JSON object.
  static absl::StatusOr<JsonDocument> parse(std::string_view json);
  JsonDocument(JsonDocument&&) noexcept;
  ~JsonDocument();

  JsonFields fields();
  /// Empty, or one mistake a line.
  const std::string& mistakes() const { return mistakes_; }

 private:
  friend class JsonFields;
  explicit JsonDocument(boost::json::value value);
  void note(std::string mistake);

  std::unique_ptr<boost::json::value> value_;
  std::string mistakes_;
  size_t noted_ = 0;
};

}  // namespace harvest::corpus
