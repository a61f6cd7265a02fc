#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cpp/usage_export.h"
#include "harvest/v1/control.pb.h"

namespace harvest::client {

/// Our bill beside the vendor's, day by day and model by model; by day alone where the vendor's costs name no model.
///
/// A line agrees where the vendor billed what we booked as spent: at most a cent less, and at most what is at risk and
/// a cent more (whatever was at risk may have been billed). Where the export has no costs its tokens must be ours, or,
/// where something is at risk, not fewer.
struct Reconciliation {
  struct Line {
    int64_t day = 0;    ///< UTC, since 1970-01-01
    std::string model;  ///< ours where we ask it, else as the vendor calls it; empty: all models
    int64_t spent_picodollars = 0, at_risk_picodollars = 0;
    int64_t input_tokens = 0, output_tokens = 0;
    std::optional<int64_t> billed_picodollars;  ///< by the vendor; none: the export has no costs
    std::optional<int64_t> billed_input_tokens, billed_output_tokens;
    bool agrees = false;
  };
  std::vector<Line> lines;  ///< by day and model
  Line total;               ///< day 0; agrees where every line does
};

/// A cent.
constexpr int64_t kTolerancePicodollars = 10'000'000'000;

/// Where the export says whose it is and some of the bill's lines are of that vendor, the others are left out.
/// INTERNAL: the bill's amounts cannot be read. Pure.
absl::StatusOr<Reconciliation> reconcile(const v1::Bill& bill, const UsageExport& usage);

/// Is it the same model, though the vendor names the day of its version ("gpt-4o-2024-08-06", "claude-x@20250514")?
bool is_same_model(std::string_view ours, std::string_view theirs);

}  // namespace harvest::client
