#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harvest/v1/query.pb.h"
#include "service/dialect/json_text.h"

/// Members of the object that is being written, each with its comma if it needs one.
namespace harvest::dialect {

inline void append_text_field(std::string& out, std::string_view key, std::string_view text) {
  json_text::append_key(out, key);
  json_text::append_string(out, text);
}

inline void append_raw_field(std::string& out, std::string_view key, std::string_view json) {
  json_text::append_key(out, key);
  out += json;
}

inline void append_bool_field(std::string& out, std::string_view key, bool value) {
  append_raw_field(out, key, value ? "true" : "false");
}

template <typename Number>
void append_number_field(std::string& out, std::string_view key, Number value) {
  json_text::append_key(out, key);
  json_text::append_number(out, value);
}

template <typename Texts>
void append_text_list(std::string& out, std::string_view key, const Texts& texts) {
  json_text::append_key(out, key);
  out += '[';
  for (const auto& text : texts) {
    if (out.back() != '[') out += ',';
    json_text::append_string(out, text);
  }
  out += ']';
}

/// Begins an object, a member of the one that is being written.
inline void begin_object(std::string& out, std::string_view key) {
  json_text::append_key(out, key);
  out += '{';
}

/// Begins an object, an element of the list that is being written.
inline void begin_element(std::string& out) {
  out += out.back() == '[' ? "{" : ",{";
}

/// The user's vendor fields, merged into the top level; they are written last.
inline void append_extra_body(std::string& out, const v1::Sampling& sampling) {
  const std::string_view extra = json_text::inside_object(sampling.extra_body_json());
  if (extra.empty()) return;
  if (out.back() != '{') out += ',';
  out += extra;
}

}  // namespace harvest::dialect
