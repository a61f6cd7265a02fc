#include "service/config/defaults.h"

namespace harvest::config {
namespace {

/// The value stays where it was given.
template <typename Number>
Number or_default(Number given, Number meant) {
  return given == Number{} ? meant : given;
}

std::string or_default(const std::string& given, const char* meant) {
  return given.empty() ? meant : given;
}

/// Of an account that one teacher states the limits of, all its teachers have them.
void share_limits(v1::Config* config) {
  for (const v1::Teacher& stating : config->teachers()) {
    if (stating.account().empty() || !stating.has_limits()) continue;
    for (v1::Teacher& teacher : *config->mutable_teachers()) {
      if (teacher.account() == stating.account()) *teacher.mutable_limits() = stating.limits();
    }
  }
}

}  // namespace

void fill_defaults(v1::Teacher* teacher) {
  if (!teacher->endpoint().empty()) {
    teacher->add_endpoints(teacher->endpoint());
    teacher->clear_endpoint();
  }
  v1::Limits& limits = *teacher->mutable_limits();
  limits.set_window_seconds(or_default(limits.window_seconds(), 60u));
  limits.set_network_jitter_ms(or_default(limits.network_jitter_ms(), 250u));
  v1::Timeouts& timeouts = *teacher->mutable_timeouts();
  timeouts.set_connect_seconds(or_default(timeouts.connect_seconds(), 10u));
  timeouts.set_first_byte_seconds(or_default(timeouts.first_byte_seconds(), 300u));
  timeouts.set_total_seconds(or_default(timeouts.total_seconds(), 600u));
  teacher->set_default_max_output_tokens(or_default(teacher->default_max_output_tokens(), 1024u));
  v1::BatchOptions* batch = teacher->mutable_batch();
  batch->set_members_max(or_default(batch->members_max(), 10'000u));
  batch->set_poll_seconds(or_default(batch->poll_seconds(), 60u));
  batch->set_open_max(or_default(batch->open_max(), 20u));
  batch->set_gather_seconds(or_default(batch->gather_seconds(), 5u));
  if (teacher->has_drift()) {
    v1::DriftWatch* drift = teacher->mutable_drift();
    drift->set_every_minutes(or_default(drift->every_minutes(), 60u));
    drift->set_max_output_tokens(or_default(drift->max_output_tokens(), 64u));
  }
}

void fill_defaults(v1::Config* config) {
  config->set_data_dir(or_default(config->data_dir(), "./harvest-data"));
  config->mutable_grpc()->set_listen(or_default(config->grpc().listen(), "127.0.0.1:7070"));
  config->mutable_http()->set_listen(or_default(config->http().listen(), "127.0.0.1:7071"));
  v1::StoreOptions& store = *config->mutable_store();
  store.set_free_megabytes_min(or_default(store.free_megabytes_min(), 256u));
  store.set_block_cache_megabytes(or_default(store.block_cache_megabytes(), 16u));
  store.set_memtable_megabytes(or_default(store.memtable_megabytes(), 32u));
  v1::PublishOptions& publish = *config->mutable_publish();
  publish.set_segment_megabytes(or_default(publish.segment_megabytes(), 64u));
  publish.set_segment_age_seconds(or_default(publish.segment_age_seconds(), 300u));
  publish.set_segment_kilobytes_min(or_default(publish.segment_kilobytes_min(), 1024u));
  config->mutable_log()->set_level(or_default(config->log().level(), "info"));
  config->mutable_log()->set_format(or_default(config->log().format(), "json"));
  v1::HarvestOptions& harvest = *config->mutable_harvest();
  harvest.set_concurrency_max(or_default(harvest.concurrency_max(), 10000u));
  harvest.set_drain_timeout_seconds(or_default(harvest.drain_timeout_seconds(), 120u));
  harvest.set_attempts_max(or_default(harvest.attempts_max(), 6u));
  harvest.set_retry_ratio(or_default(harvest.retry_ratio(), 0.1));
  harvest.set_transport_lanes(or_default(harvest.transport_lanes(), 1u));
  if (harvest.budget_warnings_percent().empty()) {
    for (const uint32_t percent : {80u, 95u}) harvest.add_budget_warnings_percent(percent);
  }
  for (v1::Tenant& tenant : *config->mutable_tenants()) {
    tenant.set_weight(or_default(tenant.weight(), 1.0));
  }
  share_limits(config);
  for (v1::Teacher& teacher : *config->mutable_teachers()) {
    fill_defaults(&teacher);
  }
}

}  // namespace harvest::config
