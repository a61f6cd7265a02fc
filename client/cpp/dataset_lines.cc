#include "client/cpp/dataset_lines.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cpp/channel.h"
#include "storage/corpus/canonical_json.h"

namespace harvest::client {
namespace {

constexpr std::string_view kPrefix = "dataset:";
constexpr std::string_view kWhere = " where ";

class DatasetLines final : public ByteSource {
 public:
  DatasetLines(HarvestClient& client, const DatasetPrompts& from) : client_(client), name_(from.dataset) {
    request_.set_dataset(from.dataset);
    request_.set_where(from.where);
  }
  DatasetLines(const DatasetLines&) = delete;
  ~DatasetLines() override {
    if (pairs_ == nullptr || ended_) return;
    context_.TryCancel();
    pairs_->Finish();
  }

  absl::StatusOr<size_t> read(char* out, size_t size) override {
    if (taken_ == line_.size()) {
      if (absl::Status status = next_line(); !status.ok()) return status;
    }
    const size_t count = std::min(size, line_.size() - taken_);
    std::memcpy(out, line_.data() + taken_, count);
    taken_ += count;
    return count;
  }

 private:
  absl::Status next_line() {
    line_.clear();
    taken_ = 0;
    if (ended_) return absl::OkStatus();
    if (pairs_ == nullptr) pairs_ = client_.pairs_stub().ListPairs(&context_, request_);
    v1::PairRecord pair;
    if (!pairs_->Read(&pair)) {
      ended_ = true;
      const absl::Status status = to_absl(pairs_->Finish(), client_.server());
      return status.ok() ? status
                         : absl::Status(status.code(), absl::StrCat("dataset:", name_, ": ", status.message()));
    }
    auto line = with_answer(pair.record_json());
    if (!line.ok()) return line.status();
    line_ = *std::move(line) + '\n';
    return absl::OkStatus();
  }

  HarvestClient& client_;
  const std::string name_;
  v1::ListPairsRequest request_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::PairRecord>> pairs_;
  std::string line_;
  size_t taken_ = 0;
  bool ended_ = false;
};

}  // namespace

std::optional<DatasetPrompts> DatasetPrompts::parse(std::string_view written) {
  if (!written.starts_with(kPrefix)) return std::nullopt;
  written.remove_prefix(kPrefix.size());
  const size_t where = written.find(kWhere);
  DatasetPrompts prompts{std::string(written.substr(0, where)), ""};
  if (where != std::string_view::npos) prompts.where = std::string(written.substr(where + kWhere.size()));
  return prompts;
}

std::unique_ptr<ByteSource> dataset_lines(HarvestClient& client, const DatasetPrompts& from) {
  return std::make_unique<DatasetLines>(client, from);
}

absl::StatusOr<std::string> with_answer(const std::string& record_json) {
  simdjson::dom::parser parser;
  simdjson::dom::object record;
  simdjson::dom::array messages;
  if (parser.parse(record_json).get(record) != simdjson::SUCCESS ||
      record["messages"].get(messages) != simdjson::SUCCESS || messages.size() == 0)
    return absl::InvalidArgumentError("found a pair whose record has no messages, expected a conversation");
  std::string_view answer, prompt, fields;
  for (const simdjson::dom::element message : messages) {
    std::string_view role, content;
    if (message["role"].get(role) != simdjson::SUCCESS || message["content"].get(content) != simdjson::SUCCESS)
      return absl::InvalidArgumentError("found a message without role and content in a pair's record");
    if (role == "user") prompt = content;
    answer = content;
  }
  if (record["fields_json"].get(fields) != simdjson::SUCCESS || fields.empty()) fields = "{}";
  std::string line = record_json.substr(0, record_json.find_last_of('}'));
  line += ",\"answer\":";
  corpus::append_json_string(line, answer);
  line += ",\"prompt\":";
  corpus::append_json_string(line, prompt);
  absl::StrAppend(&line, ",\"fields\":", std::string(fields), "}");
  return line;
}

}  // namespace harvest::client
