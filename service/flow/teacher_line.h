#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "harvest/v1/teacher.pb.h"
#include "service/dialect/dialect.h"
#include "service/limit/demand.h"
#include "service/runtime/task.h"
#include "service/transport/endpoint_set.h"
#include "service/transport/transport.h"
#include "storage/corpus/digest.h"

namespace harvest::flow {

/// The line to a teacher: its endpoints, which of them answer, and the key that calls bear. Owned by its TeacherDesk;
/// decision lane only.
class TeacherLine {
 public:
  /// `config` is kept by reference. `key`: the secret itself, handed on to the transport and not kept here.
  TeacherLine(const v1::Teacher& config, const dialect::Dialect& dialect, std::string_view key,
              transport::Transport& transport);

  /// Sends one encoded query; `done` hears what comes back, on the decision lane.
  void send(size_t endpoint, dialect::HttpRequest request, transport::OnExchange done);
  /// The same, awaited.
  runtime::Task<dialect::HttpExchange> ask(size_t endpoint, dialect::HttpRequest request);
  /// Books what a call's end says about its endpoint.
  void hear(size_t endpoint, const dialect::HttpExchange& exchange, const dialect::Outcome& outcome,
            limit::Instant now);

  /// Reads the key anew where the configuration says it is in a file; true: it is another, and what is sent from now
  /// on bears it. The file is one line and is read when a vendor refused us, or an operator asks for it.
  absl::StatusOr<bool> read_key(limit::Instant now);
  /// When its key came: what was sent before bore another.
  limit::Instant key_since() const { return key_since_; }

  const std::string& url(size_t endpoint) const { return ways_[endpoint].url; }
  /// Would an endpoint take a call now, be it a probe?
  bool open(limit::Instant now) const;
  void report(v1::TeacherStatus& status) const;

  transport::EndpointSet endpoints;

 private:
  struct Way {
    std::string url;
    transport::EndpointId id{};
    std::string last_error;  ///< of its last call, as the log has it; empty: it answers
  };

  const v1::Teacher& config_;
  const dialect::Dialect& dialect_;
  transport::Transport& transport_;
  std::vector<Way> ways_;
  corpus::Digest key_sha256_{};  ///< tells a new key from the old, which is not kept here
  limit::Instant key_since_{};
};

}  // namespace harvest::flow
