#pragma once

#include "service/dialect/http_message.h"
#include "service/dialect/outcome.h"
#include "service/dialect/vendor_error.h"

/// What went wrong → which of the closed outcomes, and whether it may be tried again. The one table for all servers of
/// the OpenAI family.
namespace harvest::dialect {

/// An exchange that ended below HTTP.
Outcome wire_outcome(const HttpExchange& exchange);

/// An HTTP status that is not 2xx, with the vendor's words. `waits`: the server named a time to come back.
Outcome status_outcome(int status, const VendorError& error, bool waits);

/// An error inside a 200 body: the embedded code decides.
Outcome embedded_outcome(const VendorError& error, bool waits);

/// A 200 that holds no usable answer. It may have been billed.
Outcome no_answer(std::string code, std::string_view words);

/// `x-should-retry: true|false` overrides the status rule for what is neither an answer nor a halt.
void obey_should_retry(std::string_view header, Outcome& outcome);

}  // namespace harvest::dialect
