#include "client/cpp/pair_import.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cpp/channel.h"
#include "storage/corpus/digest.h"

namespace harvest::client {
namespace {

constexpr size_t kImportMessageBytes = 1 << 20;

/// The messages of one import, one after the other.
class ImportStream {
 public:
  ImportStream(HarvestClient& client, v1::ImportPairsRequest message)
      : client_(client), message_(std::move(message)), writer_(client.pairs_stub().ImportPairs(&context_, &reply_)) {}

  absl::Status add(v1::ImportPairsRequest::Entry entry) {
    bytes_ += entry.ByteSizeLong();
    *message_.add_entries() = std::move(entry);
    return bytes_ < kImportMessageBytes || send() ? absl::OkStatus() : end();
  }
  /// Of the whole call.
  absl::Status end() {
    if (!ended_ && message_.entries_size() > 0) {
      send();
    }
    if (!std::exchange(ended_, true)) {
      writer_->WritesDone();
      status_ = to_absl(writer_->Finish(), client_.server());
      if (status_.ok() && broken_) {
        status_ = absl::UnavailableError(absl::StrCat(client_.server(), " took not all of it"));
      }
    }
    return status_;
  }
  const v1::ImportPairsReply& reply() const { return reply_; }

 private:
  /// False: the service takes no more, and end() says why.
  bool send() {
    broken_ = broken_ || !writer_->Write(message_);
    message_.set_first(message_.first() + static_cast<uint64_t>(message_.entries_size()));
    message_.clear_entries();
    bytes_ = 0;
    return !broken_;
  }

  HarvestClient& client_;
  grpc::ClientContext context_;
  v1::ImportPairsReply reply_;
  v1::ImportPairsRequest message_;
  std::unique_ptr<grpc::ClientWriter<v1::ImportPairsRequest>> writer_;
  size_t bytes_ = 0;
  bool broken_ = false;
  bool ended_ = false;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<ImportReport> import_pairs(HarvestClient& client, const ImportPlan& plan) {
  ImportReport report;
  corpus::Sha256 identity;
  // A message without maps has one serialization in one version of the program.
  identity.add(plan.stated.SerializeAsString());
  for (const std::string& path : {plan.files.answers, plan.files.requests}) {
    if (path.empty()) {
      continue;
    }
    auto digest = digest_of_file(path);
    if (!digest.ok()) {
      return digest.status();
    }
    identity.add(*digest);
    report.digest = report.digest.empty() ? *std::move(digest) : report.digest;
  }
  auto read = read_pairs(plan.files, report.digest, [](const auto&) { return absl::OkStatus(); });
  if (!read.ok()) {
    return read.status();
  }
  report.read = *std::move(read);
  v1::ImportPairsRequest message = plan.stated;
  message.set_submission_id(absl::StrCat("import-", corpus::hex(identity.finish())));
  ImportStream stream(client, std::move(message));
  const auto sent = read_pairs(plan.files, report.digest,
                               [&stream](v1::ImportPairsRequest::Entry entry) { return stream.add(std::move(entry)); });
  // Ends the call in any case; a file that changed meanwhile is told before what the service thinks of half of it.
  const absl::Status ended = stream.end();
  if (!sent.ok()) {
    return sent.status();
  }
  if (!ended.ok()) {
    return ended;
  }
  report.pairs = stream.reply().pairs();
  report.held_before = stream.reply().held_before();
  return report;
}

}  // namespace harvest::client
