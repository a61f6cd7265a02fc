#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "service/dialect/dialect.h"
#include "service/dialect/json_body.h"
#include "service/dialect/limit_headers.h"
#include "service/dialect/vendor_error.h"

namespace harvest::dialect {

/// The frame in which every dialect reads an exchange; what differs between vendors is filled in below it. The defaults
/// are those of the OpenAI family.
///
///     wire error ─▶ wire_outcome, unless a stream had come to its end before
///     2xx        ─▶ read_stream() or read_answer()
///     else       ─▶ read_failure()
///     then request id, limits, the time to wait
class VendorDialect : public Dialect {
 public:
  absl::Status check(const v1::Teacher& teacher, const v1::Prompt& prompt, const v1::Sampling& sampling) const override;
  using Dialect::decode;
  Outcome decode(const v1::Teacher& teacher, const HttpExchange& exchange, int64_t utc_us) const final;
  absl::StatusOr<Outcome> decode_stored(std::string_view raw) const final;
  /// Authorization: Bearer.
  Credential credential(const v1::Teacher& teacher, std::string_view key) const override;

 protected:
  /// A 2xx body that is no stream. It may hold an error all the same; `waits`: the server named a time to come back.
  virtual Outcome read_answer(const JsonBody& body, bool waits) const = 0;
  /// Is this 2xx body a stream? Told from its bytes alone, as a stored one is. Default: server-sent events.
  virtual bool is_stream(std::string_view body) const;
  /// A stream as it came, perhaps cut: stream_cut() where its end is missing. `slack`: see JsonBody.
  virtual Outcome read_stream(std::string_view body, size_t slack) const = 0;
  /// A status that is not 2xx.
  virtual Outcome read_failure(const HttpExchange& exchange, const JsonBody& body, bool waits) const;
  /// How long the server wants us to wait, from headers; read_failure() may set retry_after from the body instead.
  virtual std::optional<std::chrono::nanoseconds> read_wait(const HttpExchange& exchange, int64_t utc_us) const;
  /// By what this teacher's limit headers count.
  virtual LimitUnits limit_units(const v1::Teacher&) const { return {}; }
  virtual std::string_view request_id(const HttpExchange& exchange) const;

 private:
  Outcome read_body(std::string_view body, size_t slack, bool waits) const;
};

/// Content-Type of a JSON request, and what it accepts in return.
const SharedHeaders& json_headers(bool stream);
/// A query as JSON, with these headers.
HttpRequest json_request(std::string path, std::string body, bool stream);

/// A body of server-sent events, by its first bytes.
bool looks_like_sse(std::string_view body);

}  // namespace harvest::dialect
