#include "service/config/tenant_checks.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "proto/text/mistake.h"
#include "service/config/price_checks.h"
#include "service/config/weight.h"

namespace harvest::config {

void check_tenants(const v1::Config& config, const Complain& complain) {
  std::set<std::string> names;
  for (int i = 0; i < config.tenants_size(); ++i) {
    const v1::Tenant& tenant = config.tenants(i);
    const std::string path = absl::StrCat("tenants[", i, "]");
    if (tenant.name().empty())
      complain(absl::StrCat(path, ".name"), "found none, expected the tenant's name");
    else if (!names.insert(tenant.name()).second)
      complain(absl::StrCat(path, ".name"),
               absl::StrCat("found ", text::shown(tenant.name()), " a second time, expected each tenant once"));
    if (!is_weight(tenant.weight()))
      complain(absl::StrCat(path, ".weight"), absl::StrCat("found ", tenant.weight(), ", expected a number from ",
                                                           kWeightMin, " to ", kWeightMax, ", or 0 for 1"));
    check_caps(
        tenant.max_cost_usd_per_day(), tenant.max_cost_usd_per_month(),
        [&](const std::string& field, const std::string& what) { complain(absl::StrCat(path, ".", field), what); });
  }
}

}  // namespace harvest::config
