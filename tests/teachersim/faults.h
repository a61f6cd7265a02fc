#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/teachersim/answers/draw.h"
#include "tests/teachersim/limits/meter.h"

/// What goes wrong with one request, and when the whole teacher goes wrong. Pure: every choice comes from a Draw.
namespace teachersim {

enum class Mischief {
  kNone,
  kStatus,        // an error status instead of an answer
  kRefuse,        // answered and billed: the content filter struck
  kSlow,          // answered and billed, much later
  kReset,         // billed; the connection is reset in the middle of the body
  kVanish,        // billed; the connection is closed without a byte
  kTruncate,      // billed; the body ends early and the connection is closed in order
  kCut,           // billed; the body ends early and HTTP says that it is whole
  kStall,         // not billed; nothing is ever answered (of a stream: only half of it)
  kGarbage,       // not billed; 200 with broken JSON (of a stream: half, then a broken event)
  kHtml,          // not billed; 200 with a proxy's HTML page
  kErrorIn200,    // not billed; 200 with {"error":…} (of a stream: half, then an error event)
  kEmpty,         // not billed; 200 with an empty body
  kEmptyChoices,  // not billed; well-formed, but "choices":[]
  kNoUsage,       // billed; well-formed, but without usage
  kBadUtf8,       // billed; the text holds bytes that are not UTF-8
  kDeepJson,      // not billed; 100,000 nested arrays
  kRedirect,      // not billed; 307 to somewhere else
};

struct Fault {
  Mischief kind = Mischief::kNone;
  int status = 0;         // for kStatus
  std::string code = {};  // the vendor's word for it: an error code, a category of refusals; empty: the usual one
};

/// Shares of all admitted requests; their sum must not exceed 1.
struct FaultRates {
  double error = 0;  // 500, 502 and 503 alike
  double reset = 0;
  double vanish = 0;
  double stall = 0;
  double garbage = 0;  // broken JSON and HTML alike
  double error_in_200 = 0;
  double refusal = 0;
  double sum() const { return error + reset + vanish + stall + garbage + error_in_200 + refusal; }
};

Fault draw_fault(const FaultRates& rates, Draw& draw);

/// A prompt may say what shall happen to it: "[sim:reset]", "[sim:503]", or only the first three times: "[sim:503*3]";
/// and with a vendor's own word: "[sim:429:insufficient_quota]", "[sim:refuse:frontier_llm*2]".
struct Marker {
  Fault fault;
  int times = 0;  // 0: always
};
std::optional<Marker> find_marker(std::string_view prompt);

/// The word for a mischief in markers, ledger and stats; kStatus is worded by its number instead.
std::string_view name_of(Mischief kind);
std::string name_of(const Fault& fault);

/// Was the answer computed, and so charged?
bool is_billed(Mischief kind);

/// How long an answer takes: median base, spread by a factor exp(sigma * normal), plus uniform jitter.
struct Latency {
  limits::Time base{0};
  limits::Time jitter{0};
  double sigma = 0;
};
limits::Time draw_latency(const Latency& latency, Draw& draw);

/// A time in which an endpoint (or all of them) resets every request.
struct DeadTime {
  limits::Time from{0};
  limits::Time until{0};
  int endpoint = -1;  // -1: all
};
bool is_dead(const std::vector<DeadTime>& times, int endpoint, limits::Time now);

}  // namespace teachersim
