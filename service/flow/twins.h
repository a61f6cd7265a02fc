#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "storage/store/change.h"

namespace harvest::flow {

/// Identical queries share one attempt. Knows every identity that waits in memory or is in flight.
///
/// A query about to be asked whose identity is busy (in flight, or answered after this query was read from disk) is
/// parked instead; read again later, it finds the answer in the store's index. If that answer is none that it may use
/// (cut off, too old), it is asked: an answer is news only to what was read before it. Reading happens off the lane, so
/// an answer may arrive between a read's index lookup and its delivery: finish() therefore remembers an answered
/// identity until every read that was under way has been delivered. Pure; owned by the decision lane.
class Twins {
 public:
  /// Held by a query in memory; while any is held, an answer to its identity is not forgotten.
  class Ticket {
   public:
    Ticket() = default;
    Ticket(Twins* twins, const store::Identity& identity, uint64_t read)
        : twins_(twins), identity_(identity), read_(read) {}
    Ticket(Ticket&& other) noexcept
        : twins_(std::exchange(other.twins_, nullptr)), identity_(other.identity_), read_(other.read_) {}
    Ticket& operator=(Ticket&& other) noexcept {
      std::swap(twins_, other.twins_);
      std::swap(identity_, other.identity_);
      std::swap(read_, other.read_);
      return *this;
    }
    ~Ticket() {
      if (twins_ != nullptr) twins_->leave(identity_);
    }

   private:
    friend class Twins;
    Twins* twins_ = nullptr;
    store::Identity identity_{};
    uint64_t read_ = 0;  ///< the read that brought it, from 1
  };

  /// Of the read that is being delivered.
  Ticket wait(const store::Identity& identity);
  /// Must this query be parked rather than asked?
  bool busy(const Ticket& query) const;
  void start(const store::Identity& identity);
  void finish(const store::Identity& identity, bool answered);

  /// Reads are delivered in the order in which they begin.
  void read_begins() { ++reads_begun_; }
  void read_delivered();

  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    uint32_t holders = 0;  ///< tickets, and reads that may still deliver this identity
    bool in_flight = false;
    uint64_t unseen_by = 0;  ///< reads up to this one may have missed its last answer; 0: it has none
  };
  struct Hash {
    size_t operator()(const store::Identity& identity) const {
      size_t hash;  // the identity is a SHA-256: any eight bytes of it are as good as a hash
      std::memcpy(&hash, identity.data(), sizeof hash);
      return hash;
    }
  };

  void leave(const store::Identity& identity);

  absl::flat_hash_map<store::Identity, Entry, Hash> entries_;
  std::deque<std::pair<uint64_t, store::Identity>> lingering_;  ///< held until this read is delivered
  uint64_t reads_begun_ = 0;
  uint64_t reads_delivered_ = 0;
};

}  // namespace harvest::flow
