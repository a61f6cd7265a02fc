#include "client/s3/answers.h"

#include <expat.h>

#include <algorithm>
#include <memory>
#include <type_traits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace harvest::s3 {
namespace {

constexpr size_t kDepthMax = 16;
constexpr size_t kMessageBytesMax = 300;

/// An element with what is in it: answers are a few levels of lists.
struct Element {
  std::string name;
  std::string text;
  std::vector<Element> children;

  std::string text_of(const std::string& child) const {
    for (const Element& element : children) {
      if (element.name == child) {
        return std::string(absl::StripAsciiWhitespace(element.text));
      }
    }
    return {};
  }
};

struct Reading {
  XML_Parser parser;
  Element root;
  std::vector<Element> open;
};

void begin_element(void* user, const XML_Char* name, const XML_Char**) {
  Reading& reading = *static_cast<Reading*>(user);
  if (reading.open.size() == kDepthMax) {
    XML_StopParser(reading.parser, XML_FALSE);
    return;
  }
  reading.open.push_back({name, {}, {}});
}

void end_element(void* user, const XML_Char*) {
  Reading& reading = *static_cast<Reading*>(user);
  Element element = std::move(reading.open.back());
  reading.open.pop_back();
  (reading.open.empty() ? reading.root.children : reading.open.back().children).push_back(std::move(element));
}

void add_text(void* user, const XML_Char* text, int size) {
  Reading& reading = *static_cast<Reading*>(user);
  if (!reading.open.empty()) {
    reading.open.back().text.append(text, static_cast<size_t>(size));
  }
}

/// Some servers call it ListPartsResponse where S3's documentation has ListPartsResult.
bool is_called(const std::string& name, const std::string& expected) {
  return name == expected || (absl::EndsWith(expected, "Result") &&
                              name == absl::StrCat(absl::StripSuffix(expected, "Result"), "Response"));
}

absl::StatusOr<Element> read_answer(const std::string& xml, const std::string& expected) {
  const std::unique_ptr<std::remove_pointer_t<XML_Parser>, decltype(&XML_ParserFree)> parser(XML_ParserCreate("UTF-8"),
                                                                                             XML_ParserFree);
  if (parser == nullptr) {
    return absl::InternalError("expat cannot be started");
  }
  Reading reading{parser.get(), {}, {}};
  XML_SetUserData(parser.get(), &reading);
  XML_SetElementHandler(parser.get(), begin_element, end_element);
  XML_SetCharacterDataHandler(parser.get(), add_text);
  const bool read = XML_Parse(parser.get(), xml.data(), static_cast<int>(xml.size()), XML_TRUE) == XML_STATUS_OK;
  if (!read || reading.root.children.size() != 1 || !is_called(reading.root.children[0].name, expected)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "found ",
        read && reading.root.children.size() == 1 ? absl::StrCat("<", reading.root.children[0].name, ">") : "no XML",
        ", expected <", expected, ">"));
  }
  return std::move(reading.root.children[0]);
}

bool is_true(const std::string& text) {
  return absl::EqualsIgnoreCase(text, "true");
}

}  // namespace

ErrorAnswer error_answer(const std::string& xml) {
  const auto root = read_answer(xml, "Error");
  if (!root.ok()) {
    return {};
  }
  ErrorAnswer error{root->text_of("Code"), root->text_of("Message")};
  error.message.resize(std::min(error.message.size(), kMessageBytesMax));
  return error;
}

absl::StatusOr<std::string> upload_id(const std::string& xml) {
  const auto root = read_answer(xml, "InitiateMultipartUploadResult");
  if (!root.ok()) {
    return root.status();
  }
  std::string id = root->text_of("UploadId");
  return id.empty() ? absl::StatusOr<std::string>(absl::InvalidArgumentError("found no UploadId, expected one"))
                    : std::move(id);
}

absl::StatusOr<OpenUploads> open_uploads(const std::string& xml) {
  const auto root = read_answer(xml, "ListMultipartUploadsResult");
  if (!root.ok()) {
    return root.status();
  }
  OpenUploads list;
  list.more = is_true(root->text_of("IsTruncated"));
  list.next_key = root->text_of("NextKeyMarker");
  list.next_id = root->text_of("NextUploadIdMarker");
  for (const Element& child : root->children) {
    if (child.name == "Upload") {
      list.uploads.push_back({child.text_of("Key"), child.text_of("UploadId")});
    }
  }
  return list;
}

absl::StatusOr<HeldParts> held_parts(const std::string& xml) {
  const auto root = read_answer(xml, "ListPartsResult");
  if (!root.ok()) {
    return root.status();
  }
  HeldParts list;
  list.more = is_true(root->text_of("IsTruncated"));
  if (list.more && !absl::SimpleAtoi(root->text_of("NextPartNumberMarker"), &list.next_number)) {
    return absl::InvalidArgumentError("found no NextPartNumberMarker, expected one where there are more parts");
  }
  for (const Element& child : root->children) {
    if (child.name != "Part") {
      continue;
    }
    HeldPart part;
    if (!absl::SimpleAtoi(child.text_of("PartNumber"), &part.number) ||
        !absl::SimpleAtoi(child.text_of("Size"), &part.bytes)) {
      return absl::InvalidArgumentError("found a Part without its number or size, expected both");
    }
    part.etag = bare_etag(child.text_of("ETag"));
    list.parts.push_back(std::move(part));
  }
  return list;
}

std::string complete_request(const std::vector<HeldPart>& parts) {
  std::string xml = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (const HeldPart& part : parts) {
    const std::string etag =
        absl::StrReplaceAll(part.etag, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
    absl::StrAppend(&xml, "<Part><PartNumber>", part.number, "</PartNumber><ETag>&quot;", etag, "&quot;</ETag></Part>");
  }
  return xml + "</CompleteMultipartUpload>";
}

std::string bare_etag(const std::string& etag) {
  return std::string(absl::StripSuffix(absl::StripPrefix(etag, "\""), "\""));
}

}  // namespace harvest::s3
