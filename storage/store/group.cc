#include "storage/store/group.h"

#include <cassert>

#include "storage/proof/tile.h"
#include "storage/store/large_row.h"

namespace harvest::store {
namespace {

// Batch building fails only for a broken batch or a key past 4 GB: neither can be.
void check(const rocksdb::Status& status) {
  assert(status.ok());
}

}  // namespace

void Group::begin() {
  batch_.Clear();
  sync_ = false;
  opened_.clear();
  closed_.clear();
  postponed_.clear();
  number_ = database_.name_group(batch_);
}

void Group::put(Family family, const Key& key, const google::protobuf::MessageLite& row) {
  put(family, key, "", row);
}

void Group::put(Family family, const Key& key, std::string_view stamp, const google::protobuf::MessageLite& row) {
  // Serialized messages one behind the other read as their merge: the wire format's own rule.
  const size_t size = stamp.size() + row.ByteSizeLong();
  if (buffer_.size() < size) buffer_.resize(size);
  stamp.copy(buffer_.data(), stamp.size());
  row.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(buffer_.data() + stamp.size()));
  const std::string_view message(buffer_.data(), size);
  const std::string_view value = family == Family::kAnswer ? large_row::packed(message, packed_) : message;
  put(family, key, rocksdb::Slice(value.data(), value.size()));
}

void Group::put(Family family, const Key& key, rocksdb::Slice row) {
  check(batch_.Put(database_.family(family), key, row));
}

void Group::remove(Family family, const Key& key) {
  check(batch_.Delete(database_.family(family), key));
}

void Group::remove_range(Family family, const Key& first, const Key& end) {
  check(batch_.DeleteRange(database_.family(family), first, end));
}

uint64_t Group::log(std::string_view entry) {
  assert(entry.size() <= proof::kEntryBytesMax);
  proof::RightEdge& edge = *state_.log.edit(keys::kEntry);
  const uint64_t index = edge.size();
  put(Family::kDefault, keys::entry(index), rocksdb::Slice(entry.data(), entry.size()));
  edge.append(proof::leaf_hash(entry), [&](const proof::Node& node, const proof::Hash& hash) {
    if (node.level % proof::kTileHeight != 0) return;  // the levels between are made of these when they are read
    const std::string_view bytes = proof::bytes_of(hash);
    put(Family::kDefault, keys::tile_hash(static_cast<uint8_t>(node.level / proof::kTileHeight), node.index),
        rocksdb::Slice(bytes.data(), bytes.size()));
  });
  must_sync();
  return index;
}

void Group::open_intent(const v1::Intent& intent) {
  const QueryKey query = query_of(intent);
  const bool opened = state_.open_intents.insert(query).second;
  assert(opened);  // Invariant: a query has one attempt at a time
  opened_.push_back(query);
  put(Family::kDefault, keys::intent(query), intent);
  must_sync();
}

void Group::close_intent(const v1::Intent& intent) {
  const QueryKey query = query_of(intent);
  const bool closed = state_.open_intents.erase(query) == 1;
  assert(closed);  // Invariant: an attempt ends once
  closed_.push_back(query);
  // Put once and deleted once, in turn (asserted above): a single delete meets its put in the memtable's flush, and
  // both are gone.
  check(batch_.SingleDelete(database_.family(Family::kDefault), keys::intent(query)));
  must_sync();
}

void Group::put_postponed(uint64_t job, uint32_t stream, const v1::Postponed& row) {
  v1::Stream* figures = state_.streams.edit({job, stream});
  assert(figures != nullptr);
  figures->set_postponed(figures->postponed() + 1);
  const Key key = keys::postponed(job, stream, row.due_at_us(), row.ordinal());
  put(Family::kDefault, key, row);
  postponed_[rocksdb::Slice(key).ToString()] = true;
  must_sync();
}

void Group::remove_postponed(const Place& place) {
  const Key key = keys::postponed(place.job, place.stream, *place.due_at_us, place.ordinal);
  auto [here, untouched] = postponed_.try_emplace(rocksdb::Slice(key).ToString(), false);
  bool there = here->second;
  if (untouched) {
    rocksdb::PinnableSlice row;
    there = database_.read().get(Family::kDefault, key, &row).ok();
  }
  assert(there);  // Invariant: a query rests in one place and leaves it once
  here->second = false;
  v1::Stream* figures = state_.streams.edit({place.job, place.stream});
  assert(figures != nullptr && figures->postponed() > 0);
  figures->set_postponed(figures->postponed() - 1);
  remove(Family::kDefault, key);
  must_sync();
}

absl::StatusOr<std::optional<v1::Postponed>> Group::find_postponed(const Place& place) const {
  const Key key = keys::postponed(place.job, place.stream, *place.due_at_us, place.ordinal);
  if (postponed_.contains(rocksdb::Slice(key).ToString())) return std::nullopt;
  rocksdb::PinnableSlice bytes;
  const rocksdb::Status found = database_.read().get(Family::kDefault, key, &bytes);
  if (found.IsNotFound()) return std::nullopt;
  if (!found.ok()) return to_status(found);
  std::optional<v1::Postponed> row(std::in_place);
  if (!row->ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return absl::DataLossError("the row of a sample that is not decided cannot be read");
  return row;
}

void Group::write_tables() {
  state_.meta.each_dirty([&](char, const Meta* row) { put(Family::kDefault, keys::meta(), row->encode()); });
  auto write = [&](const Key& key, const google::protobuf::MessageLite* row) {
    row != nullptr ? put(Family::kDefault, key, *row) : remove(Family::kDefault, key);
  };
  state_.jobs.each_dirty([&](uint64_t job, const v1::JobRecord* row) { write(keys::job(job), row); });
  state_.tallies.each_dirty([&](uint64_t job, const v1::JobCounters* row) { write(keys::tally(job), row); });
  state_.streams.each_dirty(
      [&](const StreamKey& key, const v1::Stream* row) { write(keys::stream(key.first, key.second), row); });
  state_.waits.each_dirty([&](uint64_t job, const v1::WaitBook* row) { write(keys::waits(job), row); });
  state_.plans.each_dirty([&](const PlanKey& key, const v1::Plan* row) { write(keys::plan(key), row); });
  state_.datasets.each_dirty(
      [&](const std::string&, const v1::DatasetRecord* row) { write(keys::dataset(row->number()), row); });
  state_.teachers.each_dirty([&](const std::string& name, const TeacherState* row) {
    put(Family::kDefault, keys::teacher(name), to_message(*row));
  });
  state_.drifts.each_dirty([&](const std::string& name, const v1::DriftBook* row) { write(keys::drift(name), row); });
  state_.batches.each_dirty([&](uint64_t number, const v1::Batch* row) { write(keys::batch(number), row); });
  state_.checkpoint.each_dirty([&](char, const Checkpoint* row) {
    put(Family::kDefault, keys::checkpoint(), rocksdb::Slice(Key().u64(row->size).bytes(row->note)));
  });
  state_.alerts.each_dirty([&](uint64_t number, const v1::RightsAlert* row) { write(keys::alert(number), row); });
  state_.days.each_dirty([&](const DayKey& key, const TeacherDay* row) {
    Key value;
    value.u64(row->requests).i64(row->spent_picodollars).i64(row->at_risk_picodollars);
    value.i64(row->input_tokens).i64(row->output_tokens).u64(row->requests_before).i64(row->last_request_us);
    put(Family::kDefault, keys::day(key.first, key.second), rocksdb::Slice(value));
  });
  state_.tenant_days.each_dirty([&](const DayKey& key, const TenantDay* row) {
    Key value;
    value.i64(row->spent_picodollars).i64(row->at_risk_picodollars);
    put(Family::kDefault, keys::tenant_day(key.first, key.second), rocksdb::Slice(value));
  });
}

absl::Status Group::write() {
  write_tables();
  if (batch_.Count() == 0) {
    state_.publish();
    return absl::OkStatus();
  }
  absl::Status status = database_.write(batch_, number_, sync_);
  status.ok() ? state_.publish() : undo();
  return status;
}

void Group::undo() {
  state_.drop();
  // Newest first would matter only for a query opened and closed in one group, which no caller can do: it hears of the
  // reservation after the group's fsync.
  for (const QueryKey& query : opened_) state_.open_intents.erase(query);
  for (const QueryKey& query : closed_) state_.open_intents.insert(query);
}

}  // namespace harvest::store
