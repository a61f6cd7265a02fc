#include "service/transport/header_list.h"

#include <algorithm>
#include <new>

namespace harvest::transport {
namespace {

/// RFC 9110, 5.6.2.
bool is_token(std::string_view name) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  const auto allowed = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), allowed);
}

bool is_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
}

}  // namespace

std::shared_ptr<const HeaderList> HeaderList::make(const dialect::Headers& headers,
                                                   const std::pair<std::string, std::string>& authorization) {
  std::shared_ptr<HeaderList> list(new HeaderList(headers));
  for (const auto& [name, value] : headers)
    if (!list->append(name, value)) return nullptr;
  if (!authorization.first.empty() && !list->append(authorization.first, authorization.second)) return nullptr;
  // The answer is stored byte for byte, so it is asked for uncoded; and the body never waits for a 100 Continue.
  if (!list->append("Accept-Encoding", "identity") || !list->append("Expect", "")) return nullptr;
  return list;
}

bool HeaderList::append(const std::string& name, const std::string& value) {
  if (!is_token(name) || !is_value(value)) return false;
  // To libcurl "Name:" with nothing after it means "do not send this header", which is what Expect is here for.
  std::string line = name + ":";
  if (!value.empty()) line += " " + value;
  curl_slist* longer = curl_slist_append(list_, line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  list_ = longer;
  return true;
}

}  // namespace harvest::transport
