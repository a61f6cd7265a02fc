#include "service/flow/teacher_line.h"

#include <boost/asio/async_result.hpp>
#include <chrono>
#include <utility>

#include "service/config/secret.h"
#include "service/observe/log.h"

namespace harvest::flow {

namespace log = observe::log;

namespace {

std::vector<std::string> urls_of(const v1::Teacher& config) {
  std::vector<std::string> urls(config.endpoints().begin(), config.endpoints().end());
  if (!config.endpoint().empty()) urls.push_back(config.endpoint());
  return urls;
}

transport::EndpointOptions options_of(const v1::Teacher& config, const std::string& url, std::string_view key,
                                      const dialect::Dialect& dialect) {
  transport::EndpointOptions options{.url = url, .ca_file = config.ca_file(), .proxy = config.proxy()};
  if (!key.empty()) options.credential = dialect.credential(config, key);
  const v1::Timeouts& timeouts = config.timeouts();
  if (timeouts.connect_seconds() > 0) options.connect_timeout = std::chrono::seconds(timeouts.connect_seconds());
  if (timeouts.first_byte_seconds() > 0)
    options.first_byte_timeout = std::chrono::seconds(timeouts.first_byte_seconds());
  if (timeouts.total_seconds() > 0) options.total_timeout = std::chrono::seconds(timeouts.total_seconds());
  if (timeouts.stall_seconds() > 0) options.stall_timeout = std::chrono::seconds(timeouts.stall_seconds());
  return options;
}

}  // namespace

TeacherLine::TeacherLine(const v1::Teacher& config, const dialect::Dialect& dialect, std::string_view key,
                         transport::Transport& transport)
    : endpoints(urls_of(config).size()),
      config_(config),
      dialect_(dialect),
      transport_(transport),
      key_sha256_(corpus::sha256(key)) {
  for (std::string& url : urls_of(config)) {
    const transport::EndpointId id = transport_.add_endpoint(options_of(config, url, key, dialect));
    ways_.push_back({.url = std::move(url), .id = id});
  }
}

void TeacherLine::send(size_t endpoint, dialect::HttpRequest request, transport::OnExchange done) {
  transport_.send(ways_[endpoint].id, std::move(request), std::move(done));
}

runtime::Task<dialect::HttpExchange> TeacherLine::ask(size_t endpoint, dialect::HttpRequest request) {
  return boost::asio::async_initiate<const runtime::UseTask, void(dialect::HttpExchange)>(
      [this, endpoint](auto handler, dialect::HttpRequest given) {
        send(endpoint, std::move(given), [handler = std::move(handler)](dialect::HttpExchange exchange) mutable {
          std::move(handler)(std::move(exchange));
        });
      },
      runtime::kUseTask, std::move(request));
}

void TeacherLine::hear(size_t endpoint, const dialect::HttpExchange& exchange, const dialect::Outcome& outcome,
                       limit::Instant now) {
  Way& way = ways_[endpoint];
  const bool was_healthy = endpoints.healthy(endpoint);
  // What we gave up ourselves says nothing of the endpoint: it proves no probe.
  if (exchange.error == dialect::WireError::kCancelled) {
    endpoints.forget(endpoint);
  } else {
    const bool faulted = outcome.kind == v1::FAULTED;
    endpoints.done(endpoint, faulted, now);
    way.last_error = faulted ? outcome.reason() : "";
  }
  if (was_healthy && !endpoints.healthy(endpoint))
    log::warn("endpoint_unhealthy", {{"teacher", config_.name()}, {"endpoint", way.url}, {"reason", way.last_error}});
  if (!was_healthy && endpoints.healthy(endpoint))
    log::info("endpoint_healthy", {{"teacher", config_.name()}, {"endpoint", way.url}});
}

absl::StatusOr<bool> TeacherLine::read_key(limit::Instant now) {
  if (config_.api_key().file().empty()) return false;
  auto key = config::resolve_secret(config_.api_key());
  if (!key.ok()) return key.status();
  const corpus::Digest digest = corpus::sha256(*key);
  if (digest == key_sha256_) return false;
  key_sha256_ = digest;
  key_since_ = now;
  for (const Way& way : ways_) transport_.set_credential(way.id, dialect_.credential(config_, *key));
  return true;
}

bool TeacherLine::open(limit::Instant now) const {
  // When a breaker lets a probe through, there must be a query to probe with.
  if (endpoints.next_probe_at() <= now) return true;
  for (size_t i = 0; i < endpoints.size(); ++i)
    if (endpoints.healthy(i)) return true;
  return false;
}

void TeacherLine::report(v1::TeacherStatus& status) const {
  for (size_t i = 0; i < ways_.size(); ++i) {
    v1::EndpointStatus* endpoint = status.add_endpoints();
    endpoint->set_url(ways_[i].url);
    endpoint->set_healthy(endpoints.healthy(i));
    endpoint->set_in_flight(endpoints.in_flight(i));
    endpoint->set_failures_in_a_row(endpoints.failures_in_a_row(i));
    endpoint->set_last_error(ways_[i].last_error);
  }
}

}  // namespace harvest::flow
