#include "proto/text/yaml_scalar.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace harvest::text {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

using Expected = std::optional<std::string>;

/// The whole of `text` as a number of this type, or nothing.
template <typename Number>
std::optional<Number> number_of(const Scalar& scalar) {
  if (scalar.quoted) {
    return std::nullopt;
  }
  Number number{};
  const char* end = scalar.text.data() + scalar.text.size();
  const auto [stop, error] = std::from_chars(scalar.text.data(), end, number);
  if (error != std::errc() || stop != end) {
    return std::nullopt;
  }
  return number;
}

template <typename Number>
std::string whole_number_expected() {
  const std::string kind = "a whole number";
  if constexpr (std::is_unsigned_v<Number>) {
    return absl::StrCat(kind, " from 0 to ", std::numeric_limits<Number>::max());
  }
  return absl::StrCat(kind, " from ", std::numeric_limits<Number>::min(), " to ", std::numeric_limits<Number>::max());
}

/// Values as a person writes them; the unspecified one is not among them.
std::string written_name(const EnumValueDescriptor& value) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(value.name()), {{"_", "-"}});
}

Expected read_enum(const Scalar& scalar, const FieldDescriptor& field, Message* message) {
  const EnumDescriptor& type = *field.enum_type();
  const std::string written = absl::StrReplaceAll(scalar.text, {{"_", "-"}});
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    const EnumValueDescriptor& value = *type.value(i);
    if (absl::EndsWith(value.name(), "_UNSPECIFIED")) {
      continue;
    }
    names.push_back(written_name(value));
    if (names.back() != written) {
      continue;
    }
    if (field.is_repeated()) {
      message->GetReflection()->AddEnum(message, &field, &value);
    } else {
      message->GetReflection()->SetEnum(message, &field, &value);
    }
    return std::nullopt;
  }
  return absl::StrCat("one of ", absl::StrJoin(names, ", "));
}

template <typename Number>
Expected read_whole(const Scalar& scalar, const FieldDescriptor& field, Message* message,
                    void (Reflection::*set)(Message*, const FieldDescriptor*, Number) const,
                    void (Reflection::*add)(Message*, const FieldDescriptor*, Number) const) {
  const std::optional<Number> number = number_of<Number>(scalar);
  if (!number) {
    return whole_number_expected<Number>();
  }
  (message->GetReflection()->*(field.is_repeated() ? add : set))(message, &field, *number);
  return std::nullopt;
}

Expected read_real(const Scalar& scalar, const FieldDescriptor& field, Message* message) {
  const std::optional<double> number = number_of<double>(scalar);
  if (!number || !std::isfinite(*number)) {
    return "a number";
  }
  const Reflection& reflection = *message->GetReflection();
  const bool is_double = field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE;
  if (is_double) {
    field.is_repeated() ? reflection.AddDouble(message, &field, *number)
                        : reflection.SetDouble(message, &field, *number);
  } else {
    const float rounded = static_cast<float>(*number);
    field.is_repeated() ? reflection.AddFloat(message, &field, rounded) : reflection.SetFloat(message, &field, rounded);
  }
  return std::nullopt;
}

Expected read_bool(const Scalar& scalar, const FieldDescriptor& field, Message* message) {
  if (scalar.quoted || (scalar.text != "true" && scalar.text != "false")) {
    return "true or false";
  }
  const bool value = scalar.text == "true";
  const Reflection& reflection = *message->GetReflection();
  field.is_repeated() ? reflection.AddBool(message, &field, value) : reflection.SetBool(message, &field, value);
  return std::nullopt;
}

}  // namespace

Expected read_scalar(const Scalar& scalar, const FieldDescriptor& field, Message* message) {
  const Reflection& reflection = *message->GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return read_whole<int32_t>(scalar, field, message, &Reflection::SetInt32, &Reflection::AddInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return read_whole<int64_t>(scalar, field, message, &Reflection::SetInt64, &Reflection::AddInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return read_whole<uint32_t>(scalar, field, message, &Reflection::SetUInt32, &Reflection::AddUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return read_whole<uint64_t>(scalar, field, message, &Reflection::SetUInt64, &Reflection::AddUInt64);
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return read_real(scalar, field, message);
    case FieldDescriptor::CPPTYPE_BOOL:
      return read_bool(scalar, field, message);
    case FieldDescriptor::CPPTYPE_ENUM:
      return read_enum(scalar, field, message);
    case FieldDescriptor::CPPTYPE_STRING:
      if (field.type() == FieldDescriptor::TYPE_BYTES) {
        return "nothing here: bytes are not written in YAML";
      }
      field.is_repeated() ? reflection.AddString(message, &field, scalar.text)
                          : reflection.SetString(message, &field, scalar.text);
      return std::nullopt;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return "a mapping";
}

}  // namespace harvest::text
