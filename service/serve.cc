#include "service/serve.h"
#include "service/benchmark_files.h"

#include <iostream>
#include <thread>

#include "client/cpp/exit_code.h"
#include "service/access/roster.h"
#include "service/config/config.h"
#include "service/config/secret.h"
#include "service/daemon.h"
#include "service/dialect/dialect.h"
#include "service/dialect/registry/registry.h"
#include "service/dialect/registry/teacher_fields.h"
#include "service/dialect/registry/vendor.h"
#include "service/observe/log.h"
#include "service/rights/alerts.h"
#include "service/runtime/clock.h"

namespace harvest {

absl::StatusOr<v1::Config> load_config(const std::string& path, int64_t utc_us) {
  config::Known known;
  for (const std::string_view name : dialect::dialects()) {
    const auto profiles = dialect::find_dialect(name)->profiles();
    const auto fields = dialect::teacher_fields(name);
    known.dialects.push_back({std::string(name), {profiles.begin(), profiles.end()}, {fields.begin(), fields.end()}});
  }
  known.must_state_line = rights::must_state_line;
  known.vendor_of = [](const v1::Teacher& teacher) {
    const dialect::Dialect* spoken = dialect::find_dialect(teacher.dialect());
    if (spoken == nullptr || !teacher.vendor().empty()) return teacher.vendor();
    return std::string(dialect::vendor_of(*spoken, teacher));
  };
  known.utc_us = utc_us;
  return config::load(path, known);
}

int check_config(const std::string& path) {
  auto config = load_config(path, runtime::SystemClock().utc_us());
  if (!config.ok()) {
    std::cerr << config.status().message() << "\n";
    return client::kUsage;
  }
  if (const auto benchmarks = read_benchmarks(config->quality()); !benchmarks.ok()) {
    std::cerr << path << ": " << benchmarks.status().message() << "\n";
    return client::kUsage;
  }
  std::cout << path << ": good, " << config->teachers_size()
            << (config->teachers_size() == 1 ? " teacher" : " teachers") << "\n";
  for (const v1::Teacher& teacher : config->teachers())
    if (auto key = config::resolve_secret(teacher.api_key()); !key.ok())
      std::cout << "note: teacher " << teacher.name() << ": " << key.status().message() << "\n";
  return client::kOk;
}

int exit_code_of_start(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return client::kOk;
    case absl::StatusCode::kInvalidArgument:
      return client::kUsage;
    case absl::StatusCode::kAlreadyExists:
      return client::kAddressInUse;
    default:
      return client::kStore;
  }
}

int serve_until_signal(const std::string& path, const Signals& signals) {
  auto config = load_config(path);
  if (!config.ok()) {
    std::cerr << config.status().message() << "\n";
    return client::kUsage;
  }
  if (absl::Status status = observe::log::configure(config->log().level(), config->log().format()); !status.ok()) {
    std::cerr << status.message() << "\n";
    return client::kUsage;
  }
  for (const v1::Token& token : config->tokens())
    if (const auto expiry = access::parse_expiry(token.expires_on());
        expiry.ok() && *expiry <= runtime::SystemClock().utc_us())
      observe::log::warn("token_expired", {{"name", token.name()}, {"expires_on", token.expires_on()}});
  auto daemon = Daemon::start(*std::move(config), Daemon::Ports::kOpen);
  if (!daemon.ok()) {
    std::cerr << "harvestd: " << daemon.status().message() << "\n";
    return exit_code_of_start(daemon.status());
  }
  signals.wait();
  observe::log::info("draining");
  // A second signal ends the wait for attempts in flight; they are kept as open and asked again.
  std::jthread second([&](std::stop_token stopped) {
    while (!stopped.stop_requested())
      if (signals.wait_for(std::chrono::milliseconds(100))) return (*daemon)->hurry();
  });
  if (absl::Status status = (*daemon)->stop(); !status.ok()) {
    std::cerr << "harvestd: " << status.message() << "\n";
    return client::kStore;
  }
  return client::kOk;
}

}  // namespace harvest
