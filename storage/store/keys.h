#pragma once

#include <array>
#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "rocksdb/slice.h"
#include "storage/store/change.h"

/// The shape of every key, and of the few values that are not messages. README.md draws them byte by byte; this is the
/// code.
///
/// A key is a tag byte (in the family `default` alone) and big-endian integers, so that byte order is number order.
/// Signed times have their sign bit flipped. A name, where there is one, is the key's rest, or has its length before
/// it.
namespace harvest::store {

/// A query of a job: what an intent, an ending or a place is about.
struct QueryKey {
  uint64_t job = 0;
  uint32_t stream = 0;
  uint64_t ordinal = 0;

  friend bool operator==(const QueryKey&, const QueryKey&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const QueryKey& key) {
    return H::combine(std::move(h), key.job, key.stream, key.ordinal);
  }
};

/// A key being built, in place: no allocation for any key without a long name.
class Key {
 public:
  Key() = default;
  explicit Key(char tag) : size_(1) { short_[0] = tag; }

  Key& u16(uint16_t value) { return big_endian(value, 2); }
  Key& u32(uint32_t value) { return big_endian(value, 4); }
  Key& u64(uint64_t value) { return big_endian(value, 8); }
  Key& i64(int64_t value) { return u64(static_cast<uint64_t>(value) ^ (uint64_t{1} << 63)); }
  Key& bytes(std::string_view value);
  operator rocksdb::Slice() const {
    return {long_.empty() ? short_.data() : long_.data(), size_};
  }  // NOLINT: a key is one

 private:
  Key& big_endian(uint64_t value, int width);
  std::array<char, 56> short_;  // not cleared: `size_` bytes of it count
  size_t size_ = 0;
  std::string long_;  // all bytes, once there are more than fit
};

/// Reads a key, or a fixed value, from its left. Reading past the end asserts: the bytes are our own, under a checksum.
class KeyReader {
 public:
  explicit KeyReader(std::string_view bytes) : bytes_(bytes) {}
  explicit KeyReader(rocksdb::Slice slice) : bytes_(slice.data(), slice.size()) {}

  uint8_t u8() { return static_cast<uint8_t>(big_endian(1)); }
  uint16_t u16() { return static_cast<uint16_t>(big_endian(2)); }
  uint32_t u32() { return static_cast<uint32_t>(big_endian(4)); }
  uint64_t u64() { return big_endian(8); }
  int64_t i64() { return static_cast<int64_t>(u64() ^ (uint64_t{1} << 63)); }
  std::string_view bytes(size_t count) {
    assert(bytes_.size() >= count);
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  std::string_view rest() { return std::exchange(bytes_, {}); }
  bool empty() const { return bytes_.empty(); }

 private:
  uint64_t big_endian(int width);
  std::string_view bytes_;
};

namespace keys {

// ---- family `default` ----
inline constexpr char kMeta = 'M';
inline constexpr char kJob = 'J';
inline constexpr char kTally = 'C';
inline constexpr char kStream = 'S';
inline constexpr char kPostponed = 'P';
inline constexpr char kEnding = 'E';
inline constexpr char kIntent = 'I';
inline constexpr char kReported = 'R';
inline constexpr char kLost = 'L';
inline constexpr char kTeacher = 'T';
inline constexpr char kAlert = 'A';
inline constexpr char kBatch = 'B';
inline constexpr char kDay = 'D';
inline constexpr char kTenantDay = 'U';
inline constexpr char kDataset = 'N';
inline constexpr char kSegment = 'G';
inline constexpr char kManifest = 'F';
inline constexpr char kCut = 'K';
inline constexpr char kWaits = 'W';
inline constexpr char kPlan = 'V';
inline constexpr char kDrift = 'Q';
inline constexpr char kBrokenOff = 'X';
inline constexpr char kLabels = 'Y';
inline constexpr char kImportedLabels = 'Z';
inline constexpr char kEntry = 'O';
inline constexpr char kTileHash = 'H';
inline constexpr char kCommand = 'c';
inline constexpr char kCheckpoint = 'k';

Key meta();
Key job(uint64_t job);
Key tally(uint64_t job);
Key stream(uint64_t job, uint32_t stream);
Key postponed(uint64_t job, uint32_t stream, int64_t due_at_us, uint64_t ordinal);
Key ending(const QueryKey& query);
Key intent(const QueryKey& query);
Key reported(const QueryKey& query);
Key lost(std::string_view attempt_id);
Key teacher(std::string_view name);
Key alert(uint64_t number);
Key batch(uint64_t number);
Key day(uint32_t day, std::string_view teacher);
Key tenant_day(uint32_t day, std::string_view tenant);
Key dataset(uint64_t number);
Key segment(uint64_t dataset, uint64_t number);
Key manifest(uint64_t dataset, uint32_t view, uint64_t version);
Key cut(uint64_t dataset, uint32_t view, uint64_t segment);
Key waits(uint64_t job);
Key plan(const PlanKey& plan);
Key drift(std::string_view teacher);
Key broken_off(const QueryKey& query);
Key labels(uint64_t dataset, uint64_t sequence);
Key imported_labels(uint64_t dataset, uint64_t sequence);
Key entry(uint64_t index);
Key tile_hash(uint8_t level, uint64_t index);
Key command(uint64_t index);
Key checkpoint();

// ---- the other families ----
Key prompts(uint64_t job, uint64_t first);
Key answer(uint64_t number);
Key pair(uint64_t dataset, uint64_t sequence);
Key identity(std::string_view tenant, const Identity& identity);
Key near_band(uint64_t dataset, uint64_t band);
Key near_head(uint64_t dataset, uint64_t sequence);
/// Before all rows of the dataset in that family, and behind those of the one before.
Key near_rows(uint64_t dataset);

}  // namespace keys

inline QueryKey query_of(const v1::Intent& intent) {
  return {intent.job_number(), intent.stream(), intent.ordinal()};
}
inline QueryKey query_of(const Place& place) {
  return {place.job, place.stream, place.ordinal};
}

}  // namespace harvest::store
