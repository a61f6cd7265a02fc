#pragma once

#include <array>
#include <optional>
#include <string>

#include "service/flow/probe.h"

namespace harvest::flow {

/// Finds out what a model can do in few calls: pure. All features are asked for at once, and mostly that is all. Where
/// the vendor rejects the question, one feature after the other is left out until it answers; the last to go was
/// rejected, and those that went before it are then asked for again, each by itself. At most eight calls.
class ProbeSearch {
 public:
  ProbeSearch(const dialect::Dialect& dialect, const v1::Teacher& teacher);

  /// The question to ask now; none: all is known.
  std::optional<ProbePlan> next();
  /// What came of it.
  void heard(const dialect::Outcome& outcome);
  /// No more questions: what is not known yet is reported so, with the reason.
  void stop(const std::string& reason);

  bool answered() const { return answered_; }
  /// Is the call that was heard last what the probe reports? Until there is an answer each is; then the one that was
  /// answered first, which had the most features.
  bool is_main() const { return is_main_; }
  /// Capabilities; none where nothing was answered.
  void report(v1::ProbeReply& reply) const;

 private:
  struct Verdict {
    std::string state, note;
  };
  Verdict& of(ProbeFeature feature) { return verdicts_[static_cast<size_t>(feature)]; }
  void heard_first(const dialect::Outcome& outcome);
  void judge(ProbeFeature feature, const dialect::Outcome& outcome);
  void rejected(const std::string& words);

  const dialect::Dialect& dialect_;
  const v1::Teacher& teacher_;
  ProbeFeatures wanted_;   // all
  ProbeFeatures kept_;     // of the question that is asked, or was answered
  ProbeFeatures dropped_;  // in this order; once it answered, those to be asked for again
  std::string words_;      // of the last rejection
  ProbePlan plan_;
  bool answered_ = false, done_ = false, is_main_ = false, usage_ = false;
  std::array<Verdict, 4> verdicts_;
};

}  // namespace harvest::flow
