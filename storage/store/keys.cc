#include "storage/store/keys.h"

#include <cassert>
#include <cstring>

namespace harvest::store {

Key& Key::big_endian(uint64_t value, int width) {
  char bytes[8];
  for (int i = 0; i < width; ++i) bytes[i] = static_cast<char>(value >> (8 * (width - 1 - i)));
  return this->bytes({bytes, static_cast<size_t>(width)});
}

Key& Key::bytes(std::string_view value) {
  if (long_.empty() && size_ + value.size() <= short_.size()) {
    std::memcpy(short_.data() + size_, value.data(), value.size());
  } else {
    if (long_.empty()) long_.assign(short_.data(), size_);
    long_.append(value);
  }
  size_ += value.size();
  return *this;
}

uint64_t KeyReader::big_endian(int width) {
  assert(bytes_.size() >= static_cast<size_t>(width));
  uint64_t value = 0;
  for (int i = 0; i < width; ++i) value = value << 8 | static_cast<uint8_t>(bytes_[i]);
  bytes_.remove_prefix(width);
  return value;
}

namespace keys {

Key meta() {
  return Key(kMeta);
}
Key job(uint64_t job) {
  return Key(kJob).u64(job);
}
Key tally(uint64_t job) {
  return Key(kTally).u64(job);
}
Key stream(uint64_t job, uint32_t stream) {
  return Key(kStream).u64(job).u32(stream);
}
Key postponed(uint64_t job, uint32_t stream, int64_t due_at_us, uint64_t ordinal) {
  return Key(kPostponed).u64(job).u32(stream).i64(due_at_us).u64(ordinal);
}
Key ending(const QueryKey& query) {
  return Key(kEnding).u64(query.job).u32(query.stream).u64(query.ordinal);
}
Key intent(const QueryKey& query) {
  return Key(kIntent).u64(query.job).u32(query.stream).u64(query.ordinal);
}
Key reported(const QueryKey& query) {
  return Key(kReported).u64(query.job).u32(query.stream).u64(query.ordinal);
}
Key lost(std::string_view attempt_id) {
  return Key(kLost).bytes(attempt_id);
}
Key teacher(std::string_view name) {
  return Key(kTeacher).bytes(name);
}
Key alert(uint64_t number) {
  return Key(kAlert).u64(number);
}
Key batch(uint64_t number) {
  return Key(kBatch).u64(number);
}
Key day(uint32_t day, std::string_view teacher) {
  return Key(kDay).u32(day).bytes(teacher);
}
Key tenant_day(uint32_t day, std::string_view tenant) {
  return Key(kTenantDay).u32(day).bytes(tenant);
}
Key dataset(uint64_t number) {
  return Key(kDataset).u64(number);
}
Key segment(uint64_t dataset, uint64_t number) {
  return Key(kSegment).u64(dataset).u64(number);
}
Key manifest(uint64_t dataset, uint32_t view, uint64_t version) {
  return Key(kManifest).u64(dataset).u32(view).u64(version);
}
Key cut(uint64_t dataset, uint32_t view, uint64_t segment) {
  return Key(kCut).u64(dataset).u32(view).u64(segment);
}
Key labels(uint64_t dataset, uint64_t sequence) {
  return Key(kLabels).u64(dataset).u64(sequence);
}
Key imported_labels(uint64_t dataset, uint64_t sequence) {
  return Key(kImportedLabels).u64(dataset).u64(sequence);
}
Key entry(uint64_t index) {
  return Key(kEntry).u64(index);
}
Key command(uint64_t index) {
  return Key(kCommand).u64(index);
}
Key checkpoint() {
  return Key(kCheckpoint);
}
Key tile_hash(uint8_t level, uint64_t index) {
  return Key(kTileHash).bytes({reinterpret_cast<const char*>(&level), 1}).u64(index);
}
Key waits(uint64_t job) {
  return Key(kWaits).u64(job);
}
Key plan(const PlanKey& plan) {
  const auto view = [](const std::array<uint8_t, 32>& digest) {
    return std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size());
  };
  return Key(kPlan)
      .u16(static_cast<uint16_t>(plan.tenant.size()))
      .bytes(plan.tenant)
      .bytes(view(plan.prompts))
      .bytes(view(plan.job));
}
Key drift(std::string_view teacher) {
  return Key(kDrift).bytes(teacher);
}
Key broken_off(const QueryKey& query) {
  return Key(kBrokenOff).u64(query.job).u32(query.stream).u64(query.ordinal);
}

Key prompts(uint64_t job, uint64_t first) {
  return Key().u64(job).u64(first);
}
Key answer(uint64_t number) {
  return Key().u64(number);
}
Key pair(uint64_t dataset, uint64_t sequence) {
  return Key().u64(dataset).u64(sequence);
}
Key identity(std::string_view tenant, const Identity& identity) {
  return Key()
      .u16(static_cast<uint16_t>(tenant.size()))
      .bytes(tenant)
      .bytes({reinterpret_cast<const char*>(identity.data()), identity.size()});
}
Key near_rows(uint64_t dataset) {
  return Key().u64(dataset);
}
Key near_band(uint64_t dataset, uint64_t band) {
  return near_rows(dataset).bytes("B").u64(band);
}
Key near_head(uint64_t dataset, uint64_t sequence) {
  return near_rows(dataset).bytes("H").u64(sequence);
}

}  // namespace keys
}  // namespace harvest::store
