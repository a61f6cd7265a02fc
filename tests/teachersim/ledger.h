#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/teachersim/bill.h"
#include "tests/teachersim/moment.h"

namespace teachersim {

/// The teacher's own books: one JSON line per request received and one per what became of it, so that a harvest can be
/// compared with what it was really charged.
///
///     {"event":"received","id":…,"mono_us":…,"utc_us":…,"prompt_sha256":…,"model":…,"key":0}
///     {"event":"answered","id":…,…,"answer_sha256":[…],"input_tokens":…,"cached_tokens":…,"output_tokens":…,
///      "reasoning_tokens":…,"cost_picodollars":…}            ("content":[…] on request; "delivery":"reset" if it was
///      cut)
///     {"event":"throttled"|"failed","id":…,…,"reason":…}
///     {"event":"batch","id":…,"mono_us":…,"utc_us":…,"door":…,"lines":…,"metadata":{…}}
///
/// The lines of a batch are received, answered and failed as calls are, with "batch" and "custom_id" besides.
///
/// Lines are collected and handed to the kernel by flush(), which the server calls once per turn of its event loop and
/// always before an answer's bytes leave: whatever a client holds is in the ledger, even if the stand-in is killed
/// next. mono_us is CLOCK_MONOTONIC, comparable with other processes of the machine. Single thread.
class Ledger {
 public:
  /// Appends to `path`; null and a message in `error` when that cannot be.
  static std::unique_ptr<Ledger> open(const std::string& path, bool with_content, std::string& error);
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  struct Line {
    std::string_view id;
    std::string_view prompt_sha256;
    std::string_view batch = {};      // the batch that it came in; empty: a call of its own
    std::string_view custom_id = {};  // within that batch
  };
  /// A batch comes in; its lines are told one by one, as calls are.
  void batch(std::string_view id, std::string_view door, std::int64_t lines, std::string_view metadata,
             const Moment& now);
  void received(const Line& line, std::string_view model, int key, const Moment& now);
  void answered(const Line& line, const std::vector<std::string>& contents, const Usage& usage,
                std::int64_t picodollars, std::string_view delivery, const Moment& now);
  void throttled(const Line& line, std::string_view reason, const Moment& now);
  void failed(const Line& line, std::string_view reason, const Moment& now);

  bool pending() const { return !lines_.empty(); }
  /// False (and errno as write(2) left it) when the lines could not be written: nothing may be answered then.
  bool flush();

 private:
  Ledger(int file, bool with_content) : file_(file), with_content_(with_content) {}
  void begin(std::string_view event, const Line& line, const Moment& now);

  const int file_;
  const bool with_content_;
  std::string lines_;
};

std::string sha256_hex(std::string_view bytes);

}  // namespace teachersim
