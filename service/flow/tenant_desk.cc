#include "service/flow/tenant_desk.h"

#include "service/flow/purses.h"

namespace harvest::flow {

absl::Status TenantDesks::open(const v1::Config& config, const store::Store& store, int64_t utc_us) {
  for (const v1::Tenant& tenant : config.tenants()) {
    auto caps = purse_caps(tenant.max_cost_usd_per_day(), tenant.max_cost_usd_per_month());
    if (!caps.ok()) return caps.status();
    TenantDesk& desk = find(tenant.name());
    desk.weight = tenant.weight();
    desk.purse = limit::Purse(*caps);
    restore(desk.purse, utc_us, [&](uint32_t day) { return store.tenant_day(tenant.name(), day); });
  }
  return absl::OkStatus();
}

TenantDesk& TenantDesks::find(const std::string& name) {
  std::unique_ptr<TenantDesk>& desk = desks_[name];
  if (desk == nullptr) desk = std::make_unique<TenantDesk>(name, static_cast<uint32_t>(desks_.size() - 1));
  return *desk;
}

}  // namespace harvest::flow
