#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tests/teachersim/batches/batch_desk.h"
#include "tests/teachersim/bill.h"
#include "tests/teachersim/dialects/dialects.h"
#include "tests/teachersim/faults.h"
#include "tests/teachersim/ledger.h"
#include "tests/teachersim/limits/limits.h"
#include "tests/teachersim/moment.h"
#include "tests/teachersim/stats.h"
#include "tests/teachersim/turn.h"

namespace teachersim {

/// How one account of one teacher behaves; every endpoint shares it.
struct Conduct {
  AnswerShape shape;
  bool canned = false;
  Manners manners;
  bool limit_headers = true;
  std::vector<std::string> models;    // empty: any model is served
  std::vector<std::string> api_keys;  // empty: no key is asked for
  limits::Plan limits;
  Prices prices;
  BatchPlan batches;
  FaultRates rates;
  Latency latency;
  limits::Time slow = std::chrono::seconds(5);    // what "slow" adds
  limits::Time stall = std::chrono::seconds(60);  // how long a stalled connection is held
  limits::Time event_gap{0};                      // between the events of a stream
  std::int64_t cut_off_after = -1;                // answers; then cut_off_status for ever. -1: never
  int cut_off_status = 401;
  std::int64_t billing_stop_after = -1;  // answers; then 429 insufficient_quota for ever. -1: never
  std::vector<int> failing_endpoints;    // always 503
  std::vector<DeadTime> dead_times;
  Turn turn;
};

/// How the bytes of a reply are to be sent.
enum class Manner { kWhole, kResetMidway, kVanish, kReset, kTruncate, kStall };

struct Delivery {
  Reply reply;
  Manner manner = Manner::kWhole;
  std::string request_id;
  std::string_view id_header = "x-request-id";
  limits::Time event_gap{0};  // between the events of a stream
};

/// A request from its arrival to its delivery.
struct Visit {
  std::string id;
  std::string prompt_sha256;  // empty without a ledger
  const Dialect* dialect = nullptr;
  std::unique_ptr<Question> question;
  limits::Ask ask;
  limits::Time arrived{0};
  limits::Time delay{0};  // from arrival to finish()
  bool admitted = false;  // a slot and tokens are held
  Fault fault;
  std::optional<Turned::Way> turned;  // unset: the teacher has not turned
  std::optional<Trouble> trouble;     // set: there is no answer
  bool dropped = false;               // the endpoint is dead: reset
};

/// The account: the story of one request, told top to bottom in receive() and finish(). Knows no socket and no clock.
/// Every Visit that receive() returned goes to finish() once, whether or not its client is still there: a provider
/// charges for what it computed. Single thread.
class Teacher {
 public:
  /// `ledger` may be null and must outlive the teacher otherwise. `start_utc_us` makes ids unique across runs.
  Teacher(Conduct conduct, Ledger* ledger, std::int64_t start_utc_us);

  Visit receive(const Call& call, const Moment& now);
  Delivery finish(Visit visit, const Moment& now);

  /// What is answered at once and is no call to a model: GET pages (…/models, /healthz, /sim/stats), files, batches.
  bool is_page(std::string_view method, std::string_view path) const;
  Reply page(const Call& call, const Moment& now);
  /// Batches go on with time: when the next one ends (Time::max(): none), and what is due until now.
  limits::Time next_batch_end() const { return desk_.next_end(); }
  void advance_batches(const Moment& now) { desk_.advance(now); }
  std::string stats_json(limits::Time now) const { return to_json(stats_, limits_, now); }

  limits::Time stall() const { return conduct_.stall; }
  void note_connection() { ++stats_.connections; }

 private:
  const Dialect& dialect_of(std::string_view path, bool& known) const;
  /// The key's index, -1 when it is none of ours, 0 when none is asked for.
  int key_index(const Identity& identity) const;
  std::optional<Trouble> door(const Call& call, int key) const;
  Fault fault_for(const Question& question, Draw& draw);
  Delivery answer(Visit& visit, const Moment& now);
  Delivery fail(Visit& visit, const Moment& now);
  Answer answer_to(const Visit& visit, const Moment& now) const;
  Reply reply_to(const Visit& visit, const Moment& now) const;

  /// Who speaks: another once the teacher has turned.
  const Dialect& voice_of(const Visit& visit) const;

  const Conduct conduct_;
  Ledger* const ledger_;
  const std::string run_;  // makes ids unique across runs
  const std::vector<std::unique_ptr<Dialect>> dialects_;
  std::optional<Turned> turned_;  // unset: it never turns
  limits::Limits limits_;
  Stats stats_;
  BatchDesk desk_;
  /// How often each question was asked, so that a repeated one draws anew. Kept only while draws can differ.
  std::unordered_map<std::uint64_t, std::uint32_t> asked_;
};

}  // namespace teachersim
