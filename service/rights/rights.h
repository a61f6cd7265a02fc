#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "harvest/v1/job.pb.h"
#include "harvest/v1/teacher.pb.h"

/// May this teacher be asked for this use today, and may what it said be exported today? Pure: today is an argument.
///
/// Default deny: what the rights record does not permit is refused. Asked twice on purpose: before a query is sent, and
/// again when its pair leaves the house, against the record that governs on that day.
///
/// Conditions. Rights list purposes; conditions narrow them for a use that competes with the teacher's vendor or will
/// be distributed. Two conditions are understood: "no-competing" and "no-distribution". Any other is text that only a
/// person can judge, so while one stands, a use that competes or is distributed is refused and the message names it.
/// Duties that come with a permitted use (a name prefix, attribution) are obligations: they never refuse, they travel
/// with every pair.
///
/// Errors are PERMISSION_DENIED, with what was asked, what is permitted and whose record says so.
namespace harvest::rights {

/// The closed set of reasons; kPermitted is the only good one.
enum class Rule : uint8_t {
  kPermitted,
  kNoRights,         ///< the teacher has no rights record
  kPurposeUnstated,  ///< the use names no purpose
  kPurposeNotPermitted,
  kRightsExpired,  ///< today is after expires_on, or expires_on is no date
  kCompetingNotPermitted,
  kDistributionNotPermitted,
};

/// As in manifests and metrics: rights_missing, purpose_unstated, purpose_not_permitted, rights_expired,
/// competing_not_permitted, distribution_not_permitted; permitted.
std::string_view rule_name(Rule rule);

inline constexpr std::string_view kNoCompeting = "no-competing";
inline constexpr std::string_view kNoDistribution = "no-distribution";

/// `today`: YYYY-MM-DD, UTC. The rights hold through the whole of their last day.
Rule judge(const v1::Rights& rights, const v1::Use& use, std::string_view today);

absl::Status may_ask(const v1::Teacher& teacher, const v1::Use& use, std::string_view today);
absl::Status may_export(const v1::Teacher& teacher, const v1::Use& use, std::string_view today);

/// "training", "evaluation"; "unspecified".
std::string_view purpose_name(v1::Purpose purpose);

}  // namespace harvest::rights
