#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "harvest/v1/query.pb.h"
#include "harvest/v1/teacher.pb.h"
#include "service/dialect/abilities.h"
#include "service/dialect/batch.h"
#include "service/dialect/credential.h"
#include "service/dialect/http_message.h"
#include "service/dialect/outcome.h"

namespace harvest::dialect {

/// One query as a dialect sees it: prompt and job already merged (system message put first, the line's sampling over
/// the job's, seed already seed + sample index, the cap filled in). References live as long as the call.
struct QueryView {
  const v1::Prompt& prompt;      ///< messages, tools
  const v1::Sampling& sampling;  ///< merged
  uint32_t choices = 1;          ///< how many answers to ask for in this one attempt
  bool stream = false;           ///< ask for the answer in pieces
};

/// How one vendor's wire format is spoken. Pure: no clock, no network; one object serves all teachers of the dialect
/// and may be used from any lane. Vendors' quirks live behind this interface and nowhere else.
class Dialect {
 public:
  virtual ~Dialect() = default;
  virtual std::string_view name() const = 0;
  virtual std::string_view vendor() const = 0;  ///< gen_ai.provider.name

  /// Names of servers whose deviations this dialect knows (Teacher.profile), the default first; empty: there is but
  /// one.
  virtual std::vector<std::string_view> profiles() const { return {}; }
  /// The one that is in force for this teacher: as it names it, or as its vendor and endpoint tell.
  virtual std::string_view profile(const v1::Teacher& teacher) const { return teacher.profile(); }
  /// What this teacher's profile can carry.
  virtual const Abilities& abilities(const v1::Teacher& teacher) const = 0;

  /// INVALID_ARGUMENT names the field that this teacher cannot be told. Called at submit.
  virtual absl::Status check(const v1::Teacher& teacher, const v1::Prompt& prompt,
                             const v1::Sampling& sampling) const = 0;
  /// The query has passed check().
  virtual HttpRequest encode(const v1::Teacher& teacher, const QueryView& query) const = 0;
  /// What this teacher's server answered; its profile says in what unit limits are told. `utc_us`: now, for date-valued
  /// headers.
  virtual Outcome decode(const v1::Teacher& teacher, const HttpExchange& exchange, int64_t utc_us) const = 0;
  /// The same where nobody asks for limits, as of a batch.
  Outcome decode(const HttpExchange& exchange, int64_t utc_us) const {
    return decode(v1::Teacher::default_instance(), exchange, utc_us);
  }
  /// The choices of a stored answer's raw body: the same as decode() gave when it arrived.
  virtual absl::StatusOr<Outcome> decode_stored(std::string_view raw) const = 0;
  /// How this teacher takes batches of queries; null: not at all.
  virtual const BatchInterface* batches(const v1::Teacher&) const { return nullptr; }
  /// How this teacher is shown the key.
  virtual Credential credential(const v1::Teacher& teacher, std::string_view key) const = 0;
};

/// Worst-case input tokens of a prompt: a bound (no tokenizer makes more tokens than bytes, plus framing per message).
int64_t input_tokens_max(const v1::Prompt& prompt, const v1::Sampling& sampling);

}  // namespace harvest::dialect
