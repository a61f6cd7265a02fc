#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "harvest/v1/config.pb.h"
#include "service/access/gate.h"
#include "service/access/tls_material.h"
#include "service/api/audit_api.h"
#include "service/api/datasets_api.h"
#include "service/api/door.h"
#include "service/api/grpc_server.h"
#include "service/api/jobs_api.h"
#include "service/api/operations_api.h"
#include "service/api/pairs_api.h"
#include "service/api/teachers_api.h"
#include "service/daemon.h"
#include "service/flow/control.h"
#include "service/flow/harvester.h"
#include "service/flow/intake.h"
#include "service/flow/live_board.h"
#include "service/flow/pair_import.h"
#include "service/flow/teacher_directory.h"
#include "service/housekeeping.h"
#include "service/http/http_server.h"
#include "service/notary/notary.h"
#include "service/observe/metrics.h"
#include "service/publish/label_import.h"
#include "service/publish/publisher.h"
#include "service/receipts.h"
#include "service/runtime/bell.h"
#include "service/runtime/clock.h"
#include "service/runtime/lane.h"
#include "service/transport/curl_transport.h"
#include "storage/store/store.h"

namespace harvest {

/// Everything that the daemon owns, in arrow order: what stands below is used by what stands above it in the house and
/// is declared before it here, so that it is destroyed after it.
class Daemon::House {
 public:
  House(v1::Config config, Ports ports);

  // Steps of start(), in order. Each says what stands in the way.
  absl::Status check_surroundings();
  absl::Status open_store();
  absl::Status open_teachers();
  absl::Status open_log();
  absl::Status open_publishing();
  absl::Status open_faces();
  absl::Status begin();

  absl::Status stop();
  void hurry();
  v1::ServiceStatus status() const;

  std::unique_ptr<api::GrpcServer> grpc;

 private:
  void guard_against_crash_loop();
  void tell_published();
  void sign_log();
  absl::StatusOr<access::Gate> gate() const;
  absl::Status open_teacher(v1::Teacher teacher, int64_t utc_us);
  std::shared_ptr<limit::Limiter> account_of(const v1::Teacher& teacher, int64_t utc_us);
  http::Sources sources();
  void complete(v1::ServiceStatus& status) const;
  /// Null where labelling is off.
  absl::StatusOr<std::shared_ptr<const quality::Labeller>> make_labeller() const;
  std::shared_ptr<publish::UntilDecider> make_decider(bool labelling);
  std::chrono::milliseconds label_some();
  bool wait_until_drained(std::chrono::seconds limit);

  const v1::Config config_;
  const Ports ports_;
  const runtime::SystemClock clock_;
  std::optional<access::TlsMaterial> grpc_tls_, http_tls_;
  observe::Metrics metrics_;
  std::unique_ptr<store::Store> store_;
  flow::TeacherDirectory teachers_;
  flow::LiveBoard board_;
  runtime::Lane decisions_{"decisions"};
  std::unique_ptr<transport::CurlTransport> transport_;
  std::map<std::string, std::shared_ptr<limit::Limiter>> accounts_;  // limits that teachers share, by account
  std::unique_ptr<flow::Harvester> harvester_;
  std::unique_ptr<flow::Intake> intake_;
  std::unique_ptr<flow::PairImport> pair_import_;
  std::unique_ptr<flow::Control> control_;
  std::unique_ptr<notary::Notary> notary_;  // null: the log cannot be signed, and log_refusal_ says why
  absl::Status log_refusal_;
  std::unique_ptr<publish::Publisher> publisher_;
  std::unique_ptr<publish::LabelImport> label_import_;
  std::unique_ptr<Housekeeping> housekeeping_;
  runtime::Bell published_;  // rung at each version
  api::WorkerPool workers_{4};
  std::unique_ptr<api::Door> door_;
  std::unique_ptr<api::JobsApi> jobs_api_;
  std::unique_ptr<api::OperationsApi> operations_api_;
  std::unique_ptr<api::TeachersApi> teachers_api_;
  std::unique_ptr<api::DatasetsApi> datasets_api_;
  std::unique_ptr<api::PairsApi> pairs_api_;
  std::unique_ptr<api::AuditApi> audit_api_;
  std::unique_ptr<Receipts> receipts_;
  std::unique_ptr<http::HttpServer> http_;
  std::string http_address_, http_origin_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool drained_ = false;
  bool hurried_ = false;
  bool stopped_ = false;
  bool served_ = false;  // the start succeeded
};

}  // namespace harvest
