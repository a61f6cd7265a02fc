#pragma once

#include <span>
#include <string_view>

#include "service/dialect/outcome.h"

namespace harvest::dialect {

/// What a failure means for us: which of the closed outcomes, whether another try can help, and why a halt is one.
struct Verdict {
  v1::Outcome kind;
  Retry retry;
  HaltCause cause = HaltCause::kNone;
  bool overloaded = false, slow_down = false;  ///< as in Outcome
  bool operator==(const Verdict&) const = default;
};

namespace verdict {

inline constexpr Verdict kAccess{v1::HALTED, Retry::kSafe, HaltCause::kAccess};
inline constexpr Verdict kBilling{v1::HALTED, Retry::kSafe, HaltCause::kBilling};
inline constexpr Verdict kModel{v1::HALTED, Retry::kSafe, HaltCause::kModel};
inline constexpr Verdict kAddress{v1::HALTED, Retry::kSafe, HaltCause::kAddress};
inline constexpr Verdict kRefused{v1::REFUSED, Retry::kPermanent};
inline constexpr Verdict kRejected{v1::REJECTED, Retry::kPermanent};
inline constexpr Verdict kThrottled{v1::THROTTLED, Retry::kSafe};
inline constexpr Verdict kSlowDown{.kind = v1::THROTTLED, .retry = Retry::kSafe, .slow_down = true};
inline constexpr Verdict kFaultedSafe{v1::FAULTED, Retry::kSafe};
inline constexpr Verdict kFaulted{v1::FAULTED, Retry::kAmbiguous};
inline constexpr Verdict kOverloadedSafe{.kind = v1::FAULTED, .retry = Retry::kSafe, .overloaded = true};
inline constexpr Verdict kOverloaded{.kind = v1::FAULTED, .retry = Retry::kAmbiguous, .overloaded = true};

}  // namespace verdict

/// A vendor's code that speaks whatever the HTTP status says.
struct CodeRule {
  std::string_view code;
  Verdict verdict;
};
/// The rule of this code; null where there is none.
const CodeRule* find_rule(std::span<const CodeRule> rules, std::string_view code);

}  // namespace harvest::dialect
