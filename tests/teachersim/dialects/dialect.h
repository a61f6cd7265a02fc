#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tests/teachersim/dialects/call.h"
#include "tests/teachersim/limits/limits.h"
#include "tests/teachersim/moment.h"

/// The seam between what a teacher does (limits, money, mischief) and how one vendor words it. A vendor is one file: a
/// subclass of Dialect, added to the list in dialects.cc. Pure: no clock, no I/O; everything that an answer depends on
/// is an argument.
namespace teachersim {

struct Usage {
  std::int64_t input_tokens = 0;
  std::int64_t cached_tokens = 0;     // part of input_tokens
  std::int64_t output_tokens = 0;     // of all choices
  std::int64_t reasoning_tokens = 0;  // part of output_tokens
};

/// More tokens than this are asked for by mistake.
constexpr std::int64_t kOutputCapMax = 1'000'000;

/// What a well-formed request asks, as far as every vendor's request does. Each dialect derives its own.
struct Question {
  virtual ~Question() = default;
  std::string model;
  std::string prompt;  // the text of the last user message: what the ledger hashes and markers are looked for in
  std::int64_t input_tokens = 0;
  std::int64_t unlimited_input = 0;  // the part of input_tokens that weighs on no limit
  std::int64_t output_cap = 0;       // the most that may be billed as output, all choices together
  std::uint64_t key = 0;             // of everything that shapes the answer: the same key gets the same answer
  bool stream = false;
};

struct Answer {
  std::string body;
  /// Used instead of the body when not empty: a stream, in pieces that are framed already (a server-sent event with its
  /// blank line, a line of NDJSON, a binary message).
  std::vector<std::string> events;
  std::string content_type = "application/json";
  std::vector<std::string> contents;  // one per choice; empty text where a choice has none (tool calls, refusals)
  Usage usage;
};

/// Why there is no answer, in words no vendor owns.
struct Trouble {
  enum class Kind { kBadRequest, kUnauthorized, kForbidden, kNotFound, kOutOfCredit, kThrottled, kServerError };
  Kind kind = Kind::kServerError;
  int status = 500;
  std::string message;
  std::string param;  // the field at fault, for bad requests
  /// For kThrottled.
  limits::Decision decision;
  std::string request_id = {};  // for vendors that repeat it in the body
  std::string code = {};        // the vendor's own word for it; empty: the usual one
};

struct Reply {
  int status = 200;
  std::string content_type = "application/json";
  std::string headers;  // further header lines, each ended by CRLF
  std::string body;
  std::vector<std::string> events;  // instead of the body when not empty
};

/// What all answers of one run have in common.
struct AnswerShape {
  std::uint64_t seed = 1;
  std::int64_t bytes_min = 1500;  // of the text of one choice
  std::int64_t bytes_max = 1500;
  std::int64_t default_output_cap = 4096;  // tokens per choice, where the request states no cap
  std::int64_t reasoning_tokens = 0;       // per choice, billed before the first visible token
  double cached_share = 0;                 // of the input tokens, billed as cached
  double tool_call_rate = 0;               // of the requests that offer tools
  std::int64_t event_bytes = 16;           // of text in each event of a stream
  std::int64_t canned_events = 0;          // events with text in a canned stream; 0: as many as its text needs
};

/// What distinguishes two answers to the same question.
struct Stamp {
  std::string id;  // unique
  std::int64_t created_s = 0;
  bool refuse = false;            // the content filter struck
  std::string refusal_code = {};  // the vendor's category for it; empty: the usual one
  bool batched = false;           // asked by batch
};

class Dialect {
 public:
  virtual ~Dialect() = default;

  /// Does this dialect own requests to this path (without the query string)?
  virtual bool speaks(std::string_view path) const = 0;
  /// Who calls; by default as whoever holds the credential.
  virtual Identity identify(const Call& call) const { return {.key = call.credential}; }
  /// Understands a request, or says what is wrong with it. A dialect overrides one of the two: the second when its
  /// vendor puts everything into the body.
  virtual std::variant<std::unique_ptr<Question>, Trouble> read(const Call& call) const { return read(call.body); }
  virtual std::variant<std::unique_ptr<Question>, Trouble> read(std::string_view body) const {
    return read(Call{.body = body});
  }
  /// Answers a question that this dialect read.
  virtual Answer answer(const Question& question, const Stamp& stamp) const = 0;
  virtual Reply reply(const Trouble& trouble) const = 0;
  /// The body of a trouble that comes with status 200; by default that of the reply.
  virtual std::string error_in_200(const Trouble& trouble) const;
  /// A trouble that shows itself in the middle of a stream, framed as the stream is. By default a server-sent event
  /// with the body of the reply.
  virtual std::string error_event(const Trouble& trouble) const;
  /// The header lines that tell a client where it stands; the second is for vendors that name the time of day.
  virtual std::string limit_headers(limits::Limits& /*limits*/, limits::Time /*now*/) const { return {}; }
  virtual std::string limit_headers(limits::Limits& limits, const Moment& now) const {
    return limit_headers(limits, now.now);
  }
  /// How the ids of its requests begin, and the header that tells them.
  virtual std::string_view id_prefix() const { return "chatcmpl-"; }
  virtual std::string_view id_header() const { return "x-request-id"; }
};

}  // namespace teachersim
