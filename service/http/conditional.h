#pragma once

#include <string>
#include <string_view>

namespace harvest::http {

/// Preconditions over strong entity tags (RFC 9110, section 13). All our tags are strong: `"sha256-<hex>"`.

/// The tag of bytes with this SHA-256, quotes included.
std::string etag_of(std::string_view sha256_hex);

/// Does a list of tags (If-None-Match, weak comparison; If-Match, strong) name `etag`? `*` names any.
bool lists_etag_weakly(std::string_view list, std::string_view etag);
bool lists_etag_strongly(std::string_view list, std::string_view etag);

/// May a Range be honoured under this If-Range? Empty: yes. A date or a weak tag: no, since we send neither.
bool if_range_holds(std::string_view if_range, std::string_view etag);

}  // namespace harvest::http
