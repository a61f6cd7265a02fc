#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "harvest/v1/teacher.pb.h"
#include "service/dialect/http_message.h"

namespace harvest::dialect {

/// One query of a batch: its name there, and the request that it would be online (Dialect::encode, unstreamed).
struct BatchMember {
  std::string custom_id;  ///< letters, digits and hyphens, at most 64
  HttpRequest request;
};

/// What a batch is made of. `token` is ours: it tells the batch from others where an answer to create() got lost.
struct BatchOrder {
  std::string_view token;  ///< letters and digits
  std::span<const BatchMember> members;
};

/// What one batch may hold, and how long the vendor takes at most.
struct BatchLimits {
  size_t members_max = 0;
  size_t body_bytes_max = 0;      ///< of all members' bodies together
  std::chrono::hours window{24};  ///< after that long it has ended, one way or another
};

/// How a batch stands at its vendor.
struct BatchStanding {
  enum class Stage : uint8_t {
    kRunning,
    kEnded,   ///< done, cancelled or expired: what was answered has its results, the rest was never asked
    kFailed,  ///< never begun: nothing was answered, nothing billed
  };
  /// Why it failed: the whole of it (line 0), or one line, counted from 1.
  struct Complaint {
    size_t line = 0;
    std::string code, message;
    HttpExchange told;  ///< as the call would have been answered online: for Dialect::decode()
  };

  std::string id;
  std::string token;  ///< ours; empty where the vendor keeps none
  Stage stage = Stage::kRunning;
  std::string vendor_status;  ///< the vendor's own word
  std::string input_file;     ///< what was uploaded for it
  std::vector<std::string> result_files;
  std::vector<Complaint> complaints;
  bool queue_full = false;    ///< failed for want of room: to be tried again when others have ended
  int64_t created_at_us = 0;  ///< UTC, the vendor's clock; 0: not told
  uint64_t members = 0;       ///< as the vendor counts them; 0: not told
};

/// One page of a vendor's list of batches, the newest first.
struct BatchPage {
  std::vector<BatchStanding> batches;
  std::string next;  ///< names the page after it; empty: this is the last
};

/// What became of one member.
struct BatchResult {
  enum class Fate : uint8_t {
    kDone,      ///< `exchange` is what the same call would have brought online: for Dialect::decode()
    kNotAsked,  ///< cancelled or expired before its turn: not billed
  };
  std::string custom_id;
  Fate fate = Fate::kDone;
  HttpExchange exchange;
};

/// How one vendor's batch interface is spoken. Pure, like Dialect: no clock, no network, any lane.
///
///     upload() ─▶ read_file()      where members go as a file; else they go with create()
///     create() ─▶ read_standing()
///     look()   ─▶ read_standing()  until it is running no more
///     fetch()  ─▶ read_results()   one body each
///     clean_up()
///
/// The readers take bodies of 2xx answers; what else comes is told by Dialect::decode(). INVALID_ARGUMENT: the body is
/// not what it should be.
class BatchInterface {
 public:
  virtual ~BatchInterface() = default;

  virtual BatchLimits limits() const = 0;
  /// Is the token told in standings? Else a batch is known by its members' names in its results alone.
  virtual bool keeps_token() const = 0;

  virtual std::optional<HttpRequest> upload(const v1::Teacher&, const BatchOrder&) const { return std::nullopt; }
  /// `file`: as read_file() told it; empty where nothing was uploaded.
  virtual HttpRequest create(const v1::Teacher& teacher, const BatchOrder& order, std::string_view file) const = 0;
  virtual HttpRequest look(const v1::Teacher& teacher, std::string_view id) const = 0;
  /// What it brings back is not read: look() tells.
  virtual HttpRequest cancel(const v1::Teacher& teacher, std::string_view id) const = 0;
  /// `page`: empty for the first, then as `next` of the one before.
  virtual HttpRequest list(const v1::Teacher& teacher, std::string_view page) const = 0;
  virtual std::vector<HttpRequest> fetch(const v1::Teacher& teacher, const BatchStanding& standing) const = 0;

  /// Takes away what the vendor keeps of a batch that has ended and was taken over, where that counts against the
  /// account's room for files. What it brings back is not read.
  virtual std::vector<HttpRequest> clean_up(const v1::Teacher&, const BatchStanding&) const { return {}; }

  virtual absl::StatusOr<std::string> read_file(std::string_view) const {
    return absl::InvalidArgumentError("this interface takes no files");
  }
  virtual absl::StatusOr<BatchStanding> read_standing(std::string_view body) const = 0;
  /// `page`: as list() was told it; some vendors number their pages and do not say which this is.
  virtual absl::StatusOr<BatchPage> read_page(std::string_view body, std::string_view page) const = 0;
  virtual absl::StatusOr<std::vector<BatchResult>> read_results(std::string_view body) const = 0;
};

}  // namespace harvest::dialect
