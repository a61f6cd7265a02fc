#pragma once

#include <string>

namespace harvest::http {

/// The page at `/`: what this is and where the rest is. Static text, so nothing in it can be hostile.
std::string status_page(bool ready);

/// Nothing is loaded but from here, no script or style inline, framed by nobody.
inline constexpr char kContentSecurityPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

}  // namespace harvest::http
