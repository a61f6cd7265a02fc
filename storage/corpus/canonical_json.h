#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// Canonical JSON: the one way to write a value, so that its bytes can be hashed and signed.
///
/// Keys sorted by bytes, no spaces, UTF-8 as it is; escaped are only the quote, the backslash and control characters
/// (the short forms where they exist, else \u00xx). Numbers are integers, or the shortest decimal that reads back the
/// same (RFC 8785, which differs from this for exponents only). Strings must be valid UTF-8: what comes here was read
/// from protobuf strings or parsed JSON, and both check.
namespace harvest::corpus {

/// Appends `text` as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);
/// Appends only the escaped inside of a JSON string, for texts that are put together from pieces.
void append_json_escaped(std::string& out, std::string_view text);
void append_json_integer(std::string& out, int64_t value);
void append_json_unsigned(std::string& out, uint64_t value);
/// NaN and infinities have no JSON form and are an error of the caller.
void append_json_double(std::string& out, double value);

/// One object: give the fields in any order, text() sorts them. For small objects; records are written by record.h.
class JsonObject {
 public:
  void text(std::string_view key, std::string_view value);
  void number(std::string_view key, uint64_t value);
  void real(std::string_view key, double value);
  void boolean(std::string_view key, bool value);
  void texts(std::string_view key, const std::vector<std::string>& values);
  /// `json` is canonical already (or, where said so, kept verbatim).
  void raw(std::string_view key, std::string json);

  bool empty() const { return fields_.empty(); }
  std::string text() const;

 private:
  std::map<std::string, std::string, std::less<>> fields_;
};

}  // namespace harvest::corpus
