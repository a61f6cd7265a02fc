#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "client/cpp/channel.h"

namespace harvest::client {

/// Repeats an idempotent call while nobody answers, so that a submission outlives a restart of the service; the first
/// call of a submission is not repeated, since then most likely nobody is there. Gives up after about half a minute.
template <typename Reply>
absl::StatusOr<Reply> call_patiently(const std::string& server,
                                     const std::function<grpc::Status(grpc::ClientContext*, Reply*)>& call) {
  constexpr int kTries = 10;
  constexpr std::chrono::seconds kCallTime{120};
  std::chrono::milliseconds pause{100};
  for (int attempt = 1;; ++attempt) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kCallTime);
    Reply reply;
    const grpc::Status status = call(&context, &reply);
    if (status.ok()) {
      return reply;
    }
    if (status.error_code() != grpc::StatusCode::UNAVAILABLE || attempt == kTries) {
      return to_absl(status, server);
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, std::chrono::milliseconds(5000));
  }
}

}  // namespace harvest::client
