#pragma once

#include <string>

#include "tests/teachersim/dialects/dialect.h"

namespace teachersim {

/// How Google words troubles: {"error":{code,message,status,details}}, with QuotaFailure and RetryInfo for limits and
/// API_KEY_INVALID (a 400!) for keys; `vertex` has tokens instead of keys, and 401. Codes of markers: a status word
/// ("FAILED_PRECONDITION"), "PerDay" and "limit-0" for 429, "array" for an error in an array of one.
std::string gemini_error(const Trouble& trouble, bool vertex);

Reply gemini_reply(const Trouble& trouble, bool vertex);

}  // namespace teachersim
