#pragma once

#include <string>
#include <string_view>

#include "service/dialect/batch.h"
#include "service/dialect/http_message.h"

/// What vendors' batch requests share. `headers`: what the vendor wants beside them.
namespace harvest::dialect {

/// `accept`: the type of what is asked for.
HttpRequest get_request(std::string path, const Headers& headers = {}, std::string_view accept = "application/json");
HttpRequest delete_request(std::string path, const Headers& headers = {});
/// A POST that says nothing but its path.
HttpRequest bare_post(std::string path, const Headers& headers = {});

/// `path` with `?name=value` or `&name=value` behind it, the value escaped.
void append_parameter(std::string& path, std::string_view name, std::string_view value);

/// All members' bodies, and what goes around each of them: what a request that holds them needs to reserve.
size_t bytes_of(const BatchOrder& order, size_t around);

/// A JSON text as (part of) one line. Line feeds in it stand between its values, where any white space will do: within
/// strings JSON has none.
void append_on_one_line(std::string& out, std::string_view json);

}  // namespace harvest::dialect
