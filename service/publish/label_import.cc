#include "service/publish/label_import.h"

#include <map>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "service/publish/label_list.h"
#include "storage/corpus/label_rules.h"

namespace harvest::publish {
namespace {

constexpr int kUnknownNamed = 10;
constexpr int kVerdictsMax = 1000;     // of a message
constexpr int kImportedRulesMax = 64;  // of a pair: each is in its row, and in each line

}  // namespace

absl::Status check_imported_label(const v1::Label& label) {
  if (!corpus::is_rule_name(label.rule()))
    return absl::InvalidArgumentError("rule: expected 1 to 64 of a-z, 0-9, _, . and -");
  if (corpus::version_of_rule(label.rule()) > 0)
    return absl::InvalidArgumentError(
        absl::StrCat("rule: found ", label.rule(), ", which is a rule of ours, expected another name"));
  if (!corpus::is_label_value(label.value()))
    return absl::InvalidArgumentError("value: expected at most 200 bytes, none of them |, ' or a control character");
  return absl::OkStatus();
}

absl::StatusOr<v1::ImportLabelsReply> LabelImport::import(const v1::ImportLabelsRequest& request,
                                                          const std::string& by) {
  const auto dataset = store_.dataset(request.dataset());
  if (!dataset.ok()) return dataset.status();
  for (int i = 0; i < request.verdicts_size(); ++i)
    if (const absl::Status status = check_imported_label(request.verdicts(i).label()); !status.ok())
      return absl::InvalidArgumentError(absl::StrCat("verdicts[", i, "].", status.message()));
  if (request.verdicts_size() > kVerdictsMax)
    return absl::InvalidArgumentError(
        absl::StrCat("verdicts: found ", request.verdicts_size(), " in one message, expected at most ", kVerdictsMax));
  // Before the lock: an id that is none may take a second to look for.
  v1::ImportLabelsReply reply;
  std::vector<std::optional<uint64_t>> sequences;
  for (int i = 0; i < request.verdicts_size(); ++i) {
    const auto& verdict = request.verdicts(i);
    const auto pair = store_.find_pair(request.dataset(), verdict.record_id());
    if (absl::IsInvalidArgument(pair.status()))
      return absl::InvalidArgumentError(absl::StrCat("verdicts[", i, "].record_id: ", pair.status().message()));
    if (absl::IsNotFound(pair.status())) {
      reply.set_unknown(reply.unknown() + 1);
      if (reply.unknown_ids_size() < kUnknownNamed) reply.add_unknown_ids(verdict.record_id());
      sequences.emplace_back();
      continue;
    }
    if (!pair.ok()) return pair.status();
    sequences.emplace_back(pair->sequence);
  }
  std::lock_guard running(running_);
  store::PutImportedLabels change{.dataset = request.dataset()};
  for (int i = 0; i < request.verdicts_size(); ++i) {
    const std::optional<uint64_t> sequence = sequences[static_cast<size_t>(i)];
    if (!sequence) continue;
    const auto [row, is_new] = change.labels.try_emplace(*sequence);
    if (is_new) row->second = store_.imported_labels(dataset->number(), *sequence);
    v1::Label label = request.verdicts(i).label();
    label.set_by(by);
    put_label(row->second, std::move(label));
    if (row->second.labels_size() > kImportedRulesMax)
      return absl::InvalidArgumentError(absl::StrCat("verdicts[", i,
                                                     "].label.rule: found a further one of a pair that has ",
                                                     kImportedRulesMax, ", expected a value of one of those"));
    reply.set_labels(reply.labels() + 1);
  }
  if (change.labels.empty()) return reply;
  std::vector<uint64_t> brought_in;
  for (const auto& [sequence, labels] : change.labels) brought_in.push_back(sequence);
  const absl::Status applied = store_.apply_and_wait(std::move(change)).status();
  if (!applied.ok()) return applied;
  // The verdicts are kept: what cannot be decided by them now is decided later.
  if (decider_ != nullptr) decider_->look_at(request.dataset(), brought_in).IgnoreError();
  return reply;
}

}  // namespace harvest::publish
