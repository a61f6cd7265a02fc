#pragma once

#include <optional>
#include <string>

namespace google::protobuf {
class FieldDescriptor;
class Message;
}  // namespace google::protobuf

namespace harvest::text {

/// One scalar as YAML holds it.
struct Scalar {
  std::string text;
  bool quoted = false;  ///< then it is a text, whatever it looks like
};

/// Reads a scalar into `field` of `message`: set, or added where the field is repeated. Nothing is converted silently:
/// numbers are decimal, whole where the field is, and in range; true and false are the only booleans; enums are their
/// value's name in lower case, '-' or '_' between words. A text field takes any scalar as it is written.
/// Returns what was expected where the scalar is not that (and leaves the message alone), otherwise nothing.
std::optional<std::string> read_scalar(const Scalar& scalar, const google::protobuf::FieldDescriptor& field,
                                       google::protobuf::Message* message);

}  // namespace harvest::text
