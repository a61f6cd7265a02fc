#pragma once

#include "service/dialect/http_message.h"
#include "service/dialect/outcome.h"
#include "service/dialect/vendor_error.h"
#include "service/dialect/verdict.h"

/// What went wrong → which of the closed outcomes, and whether it may be tried again. The table that vendors agree on,
/// and the codes of the OpenAI family; a vendor with codes of its own puts its rules before these.
namespace harvest::dialect {

/// The outcome of a failure in the vendor's words. A refusal gets one empty refused choice: it is a stored answer.
Outcome make_failure(Verdict verdict, std::string code, std::string_view words);

/// An exchange that ended below HTTP.
Outcome wire_outcome(const HttpExchange& exchange);

/// What an HTTP status that is not 2xx means where no code says more. `waits`: the server named a time to come back.
Verdict status_verdict(int status, std::string_view words, bool waits);

/// The same with the codes of the OpenAI family.
Outcome status_outcome(int status, const VendorError& error, bool waits);

/// An error inside a 200 body: the embedded code decides.
Outcome embedded_outcome(const VendorError& error, bool waits);

/// A 200 that holds no usable answer. It may have been billed.
Outcome no_answer(std::string code, std::string_view words);

/// A stream that ended before its end: `bytes` of it came. What there is of an answer is no answer; it may have been
/// billed.
Outcome stream_cut(size_t bytes, size_t events);

/// Part of the answer had come when the error did: whatever its code says, that part may have been billed.
void note_begun(Outcome& failure);

/// `x-should-retry: true|false` overrides the status rule for what is neither an answer nor a halt. It says whether to
/// ask again, and nothing of what was billed.
void obey_should_retry(std::string_view header, Outcome& outcome);

}  // namespace harvest::dialect
