#include "proto/text/yaml_reader.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <yaml-cpp/yaml.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "proto/text/near_miss.h"
#include "proto/text/yaml_scalar.h"

namespace harvest::text {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr absl::string_view kSecretType = "harvest.v1.Secret";

Place place(const YAML::Mark& mark) {
  return mark.is_null() ? Place{} : Place{mark.line + 1, mark.column + 1};
}

std::string kind_of(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Sequence:
      return "a list";
    case YAML::NodeType::Map:
      return "a mapping";
    case YAML::NodeType::Scalar:
      return shown(node.Scalar());
    default:
      return "nothing";
  }
}

std::vector<std::string> field_names(const Descriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i) {
    names.push_back(type.field(i)->name());
  }
  return names;
}

/// One walk over a document, message and node side by side. Depth is bounded by the schema, not by the text.
class Walk {
 public:
  explicit Walk(YamlReading* reading) : reading_(*reading) {}

  void mapping(const YAML::Node& node, const std::string& path, Message* message) {
    std::set<std::string> seen;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) {
        mistake(entry.first, path, absl::StrCat("found ", kind_of(entry.first), " as a field name, expected a name"));
        continue;
      }
      const std::string& name = entry.first.Scalar();
      const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(name);
      if (field == nullptr) {
        unknown_field(entry.first, path, *message->GetDescriptor());
        continue;
      }
      const std::string field_path = path.empty() ? name : absl::StrCat(path, ".", name);
      if (!seen.insert(name).second) {
        mistake(entry.first, field_path, "found a second time, expected once");
        continue;
      }
      reading_.places[field_path] = place(entry.first.Mark());
      if (!entry.second.IsNull()) {
        value(entry.second, field_path, *field, message);
      }
    }
  }

 private:
  void value(const YAML::Node& node, const std::string& path, const FieldDescriptor& field, Message* message) {
    if (field.is_map()) {
      map(node, path, field, message);
    } else if (field.is_repeated()) {
      list(node, path, field, message);
    } else {
      element(node, path, field, message);
    }
  }

  void list(const YAML::Node& node, const std::string& path, const FieldDescriptor& field, Message* message) {
    if (!node.IsSequence()) {
      const std::string found = node.IsScalar() ? absl::StrCat("a single value (", kind_of(node), ")") : kind_of(node);
      mistake(node, path, absl::StrCat("found ", found, ", expected a list: [ … ] or lines that begin with '-'"));
      return;
    }
    size_t index = 0;
    for (const YAML::Node& item : node) {
      const std::string item_path = absl::StrCat(path, "[", index++, "]");
      reading_.places[item_path] = place(item.Mark());
      element(item, item_path, field, message);
    }
  }

  /// A map field is a repeated field of key and value pairs to reflection.
  void map(const YAML::Node& node, const std::string& path, const FieldDescriptor& field, Message* message) {
    if (!node.IsMap()) {
      mistake(node, path, absl::StrCat("found ", kind_of(node), ", expected a mapping"));
      return;
    }
    const Descriptor& entry_type = *field.message_type();
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : std::string();
      const std::string entry_path = absl::StrCat(path, ".", key);
      if (!seen.insert(key).second) {
        mistake(entry.first, entry_path, "found a second time, expected once");
        continue;
      }
      Message* pair = message->GetReflection()->AddMessage(message, &field);
      element(entry.first, entry_path, *entry_type.map_key(), pair);
      value(entry.second, entry_path, *entry_type.map_value(), pair);
    }
  }

  /// One value: a field's own, or one of a list's.
  void element(const YAML::Node& node, const std::string& path, const FieldDescriptor& field, Message* message) {
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      child(node, path, field, message);
      return;
    }
    if (!node.IsScalar()) {
      mistake(node, path, absl::StrCat("found ", kind_of(node), ", expected one value"));
      return;
    }
    // yaml-cpp tags what stood in quotes with "!".
    const Scalar scalar{node.Scalar(), node.Tag() == "!"};
    if (const auto expected = read_scalar(scalar, field, message)) {
      mistake(node, path,
              absl::StrCat("found ", kind_of(node), scalar.quoted ? " in quotes" : "", ", expected ", *expected));
    }
  }

  void child(const YAML::Node& node, const std::string& path, const FieldDescriptor& field, Message* message) {
    const auto& reflection = *message->GetReflection();
    const Descriptor& type = *field.message_type();
    if (type.full_name() == kSecretType && !node.IsMap()) {
      mistake(node, path,
              "found a value in the file itself (not shown), expected { env: NAME } or { file: PATH }: a secret is "
              "never written inline; withdraw it at the vendor if this file was shared");
      return;
    }
    const bool is_switch = node.IsScalar() && is_switch_of(type, node.Scalar());
    if (!node.IsMap() && !is_switch) {
      mistake(
          node, path,
          absl::StrCat("found ", kind_of(node), ", expected a mapping with ", absl::StrJoin(field_names(type), ", ")));
      return;
    }
    Message* inner =
        field.is_repeated() ? reflection.AddMessage(message, &field) : reflection.MutableMessage(message, &field);
    if (is_switch) {
      inner->GetReflection()->SetBool(inner, type.FindFieldByName(node.Scalar()), true);
      return;
    }
    mapping(node, path, inner);
  }

  static bool is_switch_of(const Descriptor& type, const std::string& name) {
    const FieldDescriptor* field = type.FindFieldByName(name);
    return field != nullptr && !field->is_repeated() && field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL;
  }

  void unknown_field(const YAML::Node& key, const std::string& path, const Descriptor& type) {
    const std::vector<std::string> names = field_names(type);
    if (type.full_name() == kSecretType) {
      // What stands here may be the secret itself, so not even the name is shown.
      mistake(key, path, "found an unknown field (not shown), expected { env: NAME } or { file: PATH }");
      return;
    }
    const std::string meant = near_miss(key.Scalar(), names);
    mistake(key, path,
            absl::StrCat("found the unknown field ", shown(key.Scalar()),
                         meant.empty() ? absl::StrCat(", expected one of ", absl::StrJoin(names, ", "))
                                       : absl::StrCat(", did you mean '", meant, "'?")));
    reading_.mistakes.back().unknown_field = true;
  }

  void mistake(const YAML::Node& node, const std::string& path, std::string what) {
    reading_.mistakes.push_back({place(node.Mark()), path, std::move(what)});
  }

  YamlReading& reading_;
};

}  // namespace

Place YamlReading::place_of(std::string field) const {
  for (;;) {
    const auto found = places.find(field);
    if (found != places.end()) {
      return found->second;
    }
    const size_t cut = field.find_last_of(".[");
    if (cut == std::string::npos) {
      return {};
    }
    field.resize(cut);
  }
}

YamlReading read_yaml(std::string_view text, google::protobuf::Message* message) {
  YamlReading reading;
  message->Clear();
  try {  // yaml-cpp reports by exception; nothing of it leaves here
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.size() > 1) {
      reading.mistakes.push_back({place(documents[1].Mark()), "", "found a second YAML document, expected one"});
    } else if (documents.size() == 1 && documents[0].IsMap()) {
      Walk(&reading).mapping(documents[0], "", message);
    } else if (documents.size() == 1 && !documents[0].IsNull()) {
      reading.mistakes.push_back({place(documents[0].Mark()), "",
                                  absl::StrCat("found ", kind_of(documents[0]), ", expected a mapping with ",
                                               absl::StrJoin(field_names(*message->GetDescriptor()), ", "))});
    }
  } catch (const YAML::Exception& error) {
    reading.broken = true;
    reading.mistakes.push_back({place(error.mark), "", absl::StrCat("is not YAML: ", error.msg)});
  }
  return reading;
}

}  // namespace harvest::text
