#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace harvest::corpus {

/// Of what is made from several: all their licences hold. "Apache-2.0" and "CC-BY-4.0 AND MIT" are "Apache-2.0 AND
/// CC-BY-4.0 AND MIT": each once, sorted, so that one set has one text. Empty ones say nothing. Pure.
std::string joined_licences(std::initializer_list<std::string_view> licences);

}  // namespace harvest::corpus
