#include "service/house.h"

#include <unistd.h>

#include <boost/asio/post.hpp>
#include <chrono>
#include <filesystem>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "proto/text/money.h"
#include "proto/text/time.h"
#include "service/config/tls_files.h"
#include "service/notary/signing_key.h"
#include "service/observe/log.h"
#include "service/preflight.h"
#include "service/version.h"
#include "storage/corpus/digest.h"

namespace harvest {

namespace log = observe::log;

namespace {

constexpr uint32_t kCrashesHalt = 3;  // in a row, without one settled answer between

/// Who acts where there are no tokens: the local user.
access::Principal local_principal() {
  const char* user = getenv("USER");
  const std::string name = user != nullptr && *user != '\0' ? std::string(user) : absl::StrCat("uid-", getuid());
  return {.name = absl::StrCat("local:", name), .roles = access::Roles::all()};
}

}  // namespace

Daemon::House::House(v1::Config config, Ports ports) : config_(std::move(config)), ports_(ports), metrics_(kVersion) {}

absl::Status Daemon::House::check_surroundings() {
  // A start that must fail changes nothing: no directory is made, and the crash report of a store stays as it is.
  if (absl::Status keys = check_keys(config_); !keys.ok()) return keys;
  if (config_.log().has_key())
    if (auto stated = notary::signing_keys(config_.log(), config_.data_dir()); !stated.ok()) return stated.status();
  if (ports_ == Ports::kOpen) {
    auto grpc_tls = config::read_tls("grpc.tls", config_.grpc().tls());
    if (!grpc_tls.ok()) return grpc_tls.status();
    auto http_tls = config::read_tls("http.tls", config_.http().tls());
    if (!http_tls.ok()) return http_tls.status();
    grpc_tls_ = *std::move(grpc_tls);
    http_tls_ = *std::move(http_tls);
  }
  // A store that is there is opened first: where a second daemon was started, it says who holds it.
  if (ports_ == Ports::kNone || std::filesystem::exists(config_.data_dir() + "/store")) return absl::OkStatus();
  return check_addresses(config_);
}

absl::Status Daemon::House::open_store() {
  std::error_code error;
  std::filesystem::create_directories(config_.data_dir(), error);
  if (error)
    return absl::UnavailableError(absl::StrCat("data_dir ", config_.data_dir(), " cannot be made: ", error.message()));
  store::Options options{.path = config_.data_dir() + "/store"};
  options.memtable_bytes = static_cast<size_t>(config_.store().memtable_megabytes()) << 20;
  options.block_cache_bytes = static_cast<size_t>(config_.store().block_cache_megabytes()) << 20;
  options.written = [this](std::chrono::nanoseconds took) {
    metrics_.commit_duration(std::chrono::duration<double>(took).count());
  };
  auto store = store::Store::open(options, clock_.utc_us());
  if (!store.ok()) return store.status();
  store_ = *std::move(store);
  guard_against_crash_loop();
  return absl::OkStatus();
}

void Daemon::House::guard_against_crash_loop() {
  const store::StartReport& report = store_->start_report();
  int64_t bound = 0;
  for (const v1::Intent& intent : report.crash_intents) bound += intent.cost_max_picodollars();
  if (!report.clean)
    log::warn("started_after_crash", {{"open_intents", report.crash_intents.size()},
                                      {"may_have_cost_usd", text::dollars_of(bound)},
                                      {"crashes_in_a_row", report.crashes_in_a_row}});
  if (report.crashes_in_a_row < kCrashesHalt || store_->halted()) return;
  const std::string reason = absl::StrCat(report.crashes_in_a_row,
                                          " crashes in a row without one settled answer between; look at the log, then "
                                          "`harvestctl halt --lift`");
  if (auto halted = store_->apply_and_wait(store::SetHalt{true, reason}); !halted.ok())
    log::error("halt_failed", {{"error", halted.status().message()}});
}

absl::Status Daemon::House::open_log() {
  auto keys = notary::signing_keys(config_.log(), config_.data_dir());
  if (!keys.ok()) return keys.status();
  auto opened = notary::Notary::open(*store_, *std::move(keys), config_.data_dir() + "/log-checkpoint");
  // A name that is not this log's is a mistake of the configuration. Of a log that is not what was signed the harvest
  // is no cause, and goes on; nothing is signed, and everybody who asks is told why.
  if (absl::IsFailedPrecondition(opened.status())) return opened.status();
  log_refusal_ = opened.status();
  if (opened.ok())
    notary_ = *std::move(opened);
  else
    log::error("log_not_signed", {{"error", log_refusal_.message()}});
  return absl::OkStatus();
}

void Daemon::House::sign_log() {
  if (notary_ == nullptr) return;
  if (absl::Status status = notary_->sign(); !status.ok()) log::error("log_not_signed", {{"error", status.message()}});
}

absl::Status Daemon::House::open_publishing() {
  publish::PublisherOptions options{.datasets_directory = config_.data_dir() + "/datasets"};
  options.segment_bytes = static_cast<uint64_t>(config_.publish().segment_megabytes()) << 20;
  options.segment_age_us = static_cast<int64_t>(config_.publish().segment_age_seconds()) * 1'000'000;
  options.segment_bytes_min = static_cast<uint64_t>(config_.publish().segment_kilobytes_min()) << 10;
  options.by_command_only = config_.publish().off();
  options.service_version = std::string(kVersion);
  options.sealed = [this](uint64_t shards) {
    metrics_.shard("sealed", static_cast<double>(shards));
    tell_published();
  };
  auto labeller = make_labeller();
  if (!labeller.ok()) return labeller.status();
  options.labeller = *std::move(labeller);
  options.decider = make_decider(options.labeller != nullptr);
  label_import_ = std::make_unique<publish::LabelImport>(*store_, options.decider);
  publisher_ = std::make_unique<publish::Publisher>(*store_, std::move(options));
  // What cannot be listed now keeps nobody from harvesting; ticks try again, and say so.
  if (absl::Status status = publisher_->recover(); !status.ok())
    log::error("publish_failed", {{"error", status.message()}});
  Housekeeping::Chores chores;
  chores.publish = [this] {
    if (absl::Status status = publisher_->tick(clock_.utc_us()); !status.ok()) {
      metrics_.shard("failed");
      log::error("publish_failed", {{"error", status.message()}});
    }
    sign_log();
  };
  chores.disk = [this](bool low, uint64_t free) {
    boost::asio::post(decisions_.context(), [this, low, free] { harvester_->set_disk(low, free); });
  };
  chores.label = [this] { return label_some(); };
  housekeeping_ = std::make_unique<Housekeeping>(
      config_.data_dir(), static_cast<uint64_t>(config_.store().free_megabytes_min()) << 20, std::move(chores));
  return absl::OkStatus();
}

void Daemon::House::tell_published() {
  sign_log();  // whoever hears of a version finds it in the log
  published_.ring();
  if (http_ != nullptr) http_->ring();
}

/// `run` is the local user's, whoever may come to the daemon.
absl::StatusOr<access::Gate> Daemon::House::gate() const {
  if (ports_ == Ports::kNone) return access::Gate(access::Roster(), local_principal());
  auto roster = access::Roster::of(config_.tokens());
  if (!roster.ok()) return roster.status();
  return access::Gate(*std::move(roster), local_principal());
}

absl::Status Daemon::House::open_faces() {
  auto gate = this->gate();
  if (!gate.ok()) return gate.status();
  door_ = std::make_unique<api::Door>(workers_, *std::move(gate), clock_, [this](corpus::Command command) {
    auto salt = corpus::random_bytes(32);
    if (!salt.ok()) return salt.status();
    return store_->apply_and_wait(store::LogCommand{std::move(command), *std::move(salt)}).status();
  });
  receipts_ = std::make_unique<Receipts>(config_.data_dir() + "/receipts");
  if (ports_ == Ports::kOpen) {
    auto http = http::HttpServer::start(config_.http().listen(), sources(),
                                        {.tls = http_tls_, .demands_tokens = door_->gate().demands_tokens()});
    if (!http.ok()) return http.status();
    http_ = *std::move(http);
    const std::string& listen = config_.http().listen();
    http_address_ = absl::StrCat(listen.substr(0, listen.rfind(':')), ":", http_->port());
    http_origin_ = absl::StrCat(http_tls_ ? "https://" : "http://", http_address_);
  }
  jobs_api_ = std::make_unique<api::JobsApi>(*door_, *intake_, *control_, *store_);
  operations_api_ =
      std::make_unique<api::OperationsApi>(*door_, *control_, [this](v1::ServiceStatus& status) { complete(status); });
  teachers_api_ = std::make_unique<api::TeachersApi>(*door_, *control_);
  datasets_api_ = std::make_unique<api::DatasetsApi>(
      api::DatasetsApi::Parts{*door_, *publisher_, *label_import_, *store_, clock_, published_, http_origin_});
  pairs_api_ = std::make_unique<api::PairsApi>(*door_, *pair_import_, *store_);
  audit_api_ =
      std::make_unique<api::AuditApi>(api::AuditApi::Parts{*door_, *store_, teachers_, notary_.get(), log_refusal_});
  api::GrpcServer::Address address;
  if (ports_ == Ports::kOpen) address = {.listen = config_.grpc().listen(), .tls = grpc_tls_};
  address.reflection = !door_->gate().demands_tokens();
  auto server = api::GrpcServer::start(address, {jobs_api_.get(), operations_api_.get(), teachers_api_.get(),
                                                 datasets_api_.get(), pairs_api_.get(), audit_api_.get()});
  if (!server.ok()) return server.status();
  grpc = *std::move(server);
  return absl::OkStatus();
}

absl::Status Daemon::House::begin() {
  if (absl::Status status = store_->begin_serving(); !status.ok()) return status;
  served_ = true;
  // `run` has one job to ask, under the cap that was given to it: its own, which it opens when it submits or resumes it
  // (Control). The jobs of other commands wait for theirs, or for `serve`.
  std::vector<v1::JobRecord> running, paused, cancelled;
  if (ports_ == Ports::kOpen) {
    for (v1::JobRecord& record : store_->jobs()) {
      if (record.state() == v1::RUNNING)
        running.push_back(std::move(record));
      else if (record.state() == v1::PAUSED)
        paused.push_back(std::move(record));
      else if (record.state() == v1::CANCELLED)
        cancelled.push_back(std::move(record));
    }
  }
  // Of jobs that ask nothing more, those with batches that their vendors still have.
  std::set<uint64_t> with_batches;
  for (const v1::Batch& batch : store_->batches())
    if (store::is_under_way(batch)) with_batches.insert(batch.job_number());
  std::vector<v1::JobRecord> resting;
  for (std::vector<v1::JobRecord>* jobs : {&paused, &cancelled})
    for (v1::JobRecord& record : *jobs)
      if (with_batches.contains(record.number())) resting.push_back(record);
  std::erase_if(paused, [&](const v1::JobRecord& record) { return with_batches.contains(record.number()); });
  boost::asio::post(decisions_.context(),
                    [this, running = std::move(running), paused = std::move(paused), resting = std::move(resting)] {
                      harvester_->set_halted(store_->halted());
                      harvester_->set_alerts(store_->alerts());
                      for (const v1::JobRecord& record : paused) harvester_->leave_paused(record);
                      for (const v1::JobRecord& record : resting) harvester_->open_for_batches(record);
                      for (const v1::JobRecord& record : running) harvester_->open_job(record);
                      harvester_->start();
                    });
  housekeeping_->start();
  log::info("started", {{"version", kVersion},
                        {"data_dir", config_.data_dir()},
                        {"grpc", ports_ == Ports::kOpen ? config_.grpc().listen() : "in-process"},
                        {"http", http_address_}});
  return absl::OkStatus();
}

void Daemon::House::complete(v1::ServiceStatus& status) const {
  status.set_version(std::string(kVersion));
  status.set_http_address(http_address_);
  status.set_data_dir(config_.data_dir());
  status.set_principal(local_principal().name);
}

v1::ServiceStatus Daemon::House::status() const {
  v1::ServiceStatus status = control_->status();
  complete(status);
  return status;
}

void Daemon::House::hurry() {
  std::lock_guard lock(mutex_);
  hurried_ = true;
  changed_.notify_all();
}

bool Daemon::House::wait_until_drained(std::chrono::seconds limit) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, limit, [this] { return drained_ || hurried_; });
  return drained_;
}

absl::Status Daemon::House::stop() {
  if (std::exchange(stopped_, true) || store_ == nullptr) return absl::OkStatus();
  if (grpc != nullptr) grpc->set_serving(false);
  if (harvester_ != nullptr) {
    boost::asio::post(decisions_.context(), [this] {
      harvester_->drain([this] {
        std::lock_guard lock(mutex_);
        drained_ = true;
        changed_.notify_all();
      });
    });
    if (!wait_until_drained(std::chrono::seconds(config_.harvest().drain_timeout_seconds()))) {
      // What is still in flight may be billed: it is booked as at risk and asked again by the next run.
      boost::asio::post(decisions_.context(), [this] { transport_->cancel_all(); });
      hurried_ = false;
      if (!wait_until_drained(std::chrono::seconds(10))) log::error("not_drained");
    }
  }
  published_.close();  // nobody waits for a version any more
  if (grpc != nullptr) grpc->stop();
  workers_.stop();
  workers_.join();
  if (http_ != nullptr) http_->stop();
  if (housekeeping_ != nullptr) housekeeping_->stop();
  decisions_.stop();
  if (served_) sign_log();
  const absl::Status closed = served_ ? store_->close() : store_->give_back();
  log::info("stopped");
  return closed;
}

}  // namespace harvest
