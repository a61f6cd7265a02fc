#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "harvest/v1/answer.pb.h"
#include "harvest/v1/job.pb.h"
#include "service/dialect/outcome.h"
#include "storage/corpus/record.h"
#include "storage/store/store.h"

namespace harvest::publish {

/// A stored pair as its shard's line: joins pair, answer, prompt and job, and decodes the raw answer. The same for
/// shards and for `harvestctl pairs`, so that what is shown is what is shipped.
///
/// Everything a line holds but its labels comes from rows that do not change after they are written, so a pair with the
/// same labels gives the same bytes today and after a crash. Rights are those of the pair's own rights version: from
/// the teacher as its job pinned it, else from the store where that still governs.
///
/// Keeps the jobs and the answer it read last. Make one for each run over a dataset, or for each call; owned by one
/// thread.
class RecordRenderer {
 public:
  explicit RecordRenderer(const store::Store& store) : store_(store) {}

  /// What the line is made of; valid until the next call. Nothing where the stored answer cannot be decoded (its
  /// dialect is not in this version, say): one such pair must not hold up its dataset. Errors are those of the store.
  absl::StatusOr<std::optional<corpus::RecordFacts>> facts(const store::Store::SequencedPair& pair);

  /// Appends the line with all columns, without its newline. False, and nothing appended, where there are no facts.
  absl::StatusOr<bool> append(const store::Store::SequencedPair& pair, std::string& out);

  /// The pair's job does not look for personal data in its prompts.
  absl::StatusOr<bool> ignores_personal_data(const v1::Pair& pair);

  /// Line of the prompt, in its file, of the pair that was appended last.
  uint64_t line() const { return line_; }

  /// As of the pair's rights version; valid until the next call.
  absl::StatusOr<const v1::Rights*> rights(const v1::Pair& pair);

 private:
  struct ReadAnswer {
    std::optional<uint64_t> number;
    v1::Answer answer;
    std::string raw_sha256;
    bool decoded = false;
    dialect::Outcome outcome;
  };
  /// Labels of consecutive pairs, read together.
  struct LabelPage {
    uint64_t dataset = 0;
    uint64_t last = 0;  ///< the pair that was looked at last
    store::Store::LabelCursor cursor;
    std::vector<store::Store::SequencedLabels> rows;
    size_t next = 0;
  };
  absl::StatusOr<const v1::JobRecord*> job(uint64_t number);
  void read_labels(const store::Store::SequencedPair& pair, corpus::RecordFacts& facts);
  absl::Status read_answer(uint64_t number);
  const v1::Rights* governing(const std::string& teacher);

  const store::Store& store_;
  std::map<uint64_t, v1::JobRecord> jobs_;
  ReadAnswer answer_;
  v1::Prompt prompt_;
  v1::Sampling sampling_;
  LabelPage labels_;
  uint64_t line_ = 0;
  std::optional<std::map<std::string, v1::Rights>> governing_;  ///< by teacher, read when first needed
};

}  // namespace harvest::publish
