#pragma once

#include <boost/json.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/teachersim/dialects/dialect.h"

namespace teachersim {

constexpr std::int64_t kBatchWindowSeconds = 86'400;  // within which vendors promise to end a batch

/// How batches are treated.
struct BatchPlan {
  limits::Time takes = std::chrono::seconds(5);  // from creation to end
  double price_ratio = 0.5;                      // of the price of the same call online
  double expire_rate = 0;                        // share of batches whose second half is never worked on
  double failed_lines_rate = 0;                  // share of lines that end with a server error
  std::int64_t enqueued_tokens = 0;              // input tokens of all running batches together; 0: no limit
  std::int64_t lines_max = 50'000;
  std::string scheme = "http";  // of the addresses that are told
};

/// One request of a batch, and what became of it.
struct BatchLine {
  enum class State { kWaiting, kAnswered, kFailed, kCancelled, kExpired };
  std::string custom_id;
  const Dialect* dialect = nullptr;
  std::unique_ptr<Question> question;  // null: `trouble` says why
  std::optional<Trouble> trouble;
  boost::json::value metadata;  // to be given back with the result, where a vendor does
  std::string id;               // the ledger's
  std::string prompt_sha256;
  State state = State::kWaiting;
  int status = 0;    // as HTTP would tell it, when answered or failed
  std::string body;  // likewise
};

/// A batch on its way from its creation to its end. `failure` is why it never began.
struct Batch {
  enum class State { kRunning, kEnded, kCancelled, kExpired, kFailed };
  struct Failure {
    std::string code;
    std::string message;
    std::int64_t line = 0;  // from 1; 0: the batch as a whole
  };
  std::string id;
  std::string door;  // whose batch it is: "openai", "azure", "anthropic", "gemini", "mistral"
  std::string model;
  std::string endpoint;
  std::string input_file;
  boost::json::value metadata;  // the client's own, or null
  std::vector<BatchLine> lines;
  std::optional<Failure> failure;
  State state = State::kRunning;
  std::size_t touched = 0;  // lines before this one have been worked on
  bool expires = false;
  limits::Time created{0};
  std::int64_t created_s = 0;  // UTC
  std::int64_t ended_s = 0;
  std::string output_file;  // ids, where results are files
  std::string error_file;

  std::int64_t count(BatchLine::State state) const;
  std::int64_t input_tokens() const;
  bool is_running() const { return state == State::kRunning; }
};

}  // namespace teachersim
