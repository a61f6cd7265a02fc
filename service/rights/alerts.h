#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "harvest/v1/job.pb.h"
#include "harvest/v1/teacher.pb.h"

/// What a vendor's words mean for our right to learn from a model. A refusal that speaks of distillation or of
/// competing models, and access that is taken away, may say that what we do breaks its terms. No machine can judge
/// that: training stops, on this model's family by whatever account or reseller, until a person has decided. Pure; any
/// thread.
namespace harvest::rights {

/// Who made a model, and of which line it is, whoever serves it: "us.anthropic.claude-…" on Bedrock and
/// "anthropic/claude-…" at a reseller are one. Lower case.
struct ModelLine {
  std::string owner, family;
  friend bool operator==(const ModelLine&, const ModelLine&) = default;
};
/// As the teacher's model_owner and model_family say; else told from the model's name. A name that tells nothing is a
/// family of its own, owned by the vendor.
ModelLine model_line(const v1::Teacher& teacher);

/// Do configuration or name tell the line? A deployment's, a gateway's or a profile's name may stand for any model.
bool tells_line(const v1::Teacher& teacher);

/// Why this teacher must state model_owner and model_family; empty: it need not. Where customers name what they
/// deploy (Azure's deployments, Bedrock's ARNs of inference profiles), the vendor is not the model's maker, and an
/// alert on the model would not be known to touch it.
std::string must_state_line(const v1::Teacher& teacher);

/// The alert that stands between this teacher and this use: one not lifted, on the teacher's line, where the use is
/// training. Where a name tells no line, the teacher's or that of the alert's model, it may be any model of its vendor
/// (where that is one, and not the name of a server that anybody runs).
/// Null: none.
const v1::RightsAlert* standing_alert(std::span<const v1::RightsAlert> alerts, const v1::Teacher& teacher,
                                      const v1::Use& use);

/// PERMISSION_DENIED names the alert, the vendor's word for it, and who may decide.
absl::Status may_ask_despite(std::span<const v1::RightsAlert> alerts, const v1::Teacher& teacher, const v1::Use& use);

/// "distillation_refused", "access_revoked"
std::string_view cause_name(v1::AlertCause cause);

}  // namespace harvest::rights
