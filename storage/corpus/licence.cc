#include "storage/corpus/licence.h"

#include <set>

namespace harvest::corpus {
namespace {

constexpr std::string_view kTogether = " AND ";

}  // namespace

std::string joined_licences(std::initializer_list<std::string_view> licences) {
  std::set<std::string_view> all;
  for (std::string_view rest : licences) {
    for (size_t at; (at = rest.find(kTogether)) != rest.npos; rest.remove_prefix(at + kTogether.size()))
      all.insert(rest.substr(0, at));
    all.insert(rest);
  }
  std::string joined;
  for (const std::string_view licence : all) {
    if (licence.empty()) continue;
    if (!joined.empty()) joined += kTogether;
    joined += licence;
  }
  return joined;
}

}  // namespace harvest::corpus
