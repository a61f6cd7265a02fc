#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "harvest/v1/config.pb.h"
#include "service/limit/purse.h"
#include "storage/store/store.h"

namespace harvest::flow {

/// A tenant as the harvester deals with it: its money, and its weight against other tenants. Decision lane only.
struct TenantDesk {
  std::string name;
  uint32_t number = 0;  ///< in the fair queue
  double weight = 1;
  limit::Purse purse;
};

/// Every tenant that is configured or has a job. Decision lane only, but for the set-up.
class TenantDesks {
 public:
  /// Those that the configuration names, with what the store says that they spent. INVALID_ARGUMENT: a cap is no
  /// amount.
  absl::Status open(const v1::Config& config, const store::Store& store, int64_t utc_us);

  /// Never null; one that nobody configured has weight 1 and no caps. Stays where it is.
  TenantDesk& find(const std::string& name);
  std::map<std::string, std::unique_ptr<TenantDesk>>& all() { return desks_; }

 private:
  std::map<std::string, std::unique_ptr<TenantDesk>> desks_;
};

}  // namespace harvest::flow
