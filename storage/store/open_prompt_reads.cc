#include <rocksdb/snapshot.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "storage/store/impl.h"

namespace harvest::store {

namespace {

constexpr size_t kOrdinalBytes = 8;

/// Every row of the two kinds ends with its ordinal.
uint64_t ordinal_of(rocksdb::Slice key) {
  uint64_t ordinal = 0;
  for (size_t i = key.size() - kOrdinalBytes; i < key.size(); ++i)
    ordinal = ordinal << 8 | static_cast<uint8_t>(key[i]);
  return ordinal;
}

}  // namespace

absl::StatusOr<uint64_t> Store::first_open_prompt(uint64_t number) const {
  // The cursor first: what it had passed by then is a row, or has ended, in all that is read later.
  const auto record = job(number);
  if (!record.ok()) return record.status();
  const uint64_t prompts = record->counters().prompts();
  if (record->state() == v1::FINISHED || record->state() == v1::CANCELLED) return prompts;
  const uint64_t ordinals = ordinals_per_prompt(record->job());
  uint64_t open = prompts * ordinals;
  for (const v1::Stream& stream : record->streams()) open = std::min(open, stream.cursor());
  // One moment of both kinds: between two, what is in flight could become postponed and be seen in neither.
  Database::Reader reader = impl_->database->read();
  rocksdb::ManagedSnapshot moment(reader.operator->());
  rocksdb::ReadOptions options;
  options.snapshot = moment.snapshot();
  const auto look = [&](const Key& first, const Key& end) {
    const std::unique_ptr<rocksdb::Iterator> rows(reader->NewIterator(options, reader.family(Family::kDefault)));
    for (rows->Seek(first); rows->Valid() && rows->key().compare(end) < 0; rows->Next())
      open = std::min(open, ordinal_of(rows->key()));
    check_read(rows->status(), "an open query");
  };
  constexpr int64_t kFirst = std::numeric_limits<int64_t>::min();
  look(keys::postponed(number, 0, kFirst, 0), keys::postponed(number + 1, 0, kFirst, 0));
  look(keys::intent({number, 0, 0}), keys::intent({number + 1, 0, 0}));
  return open / ordinals;
}

}  // namespace harvest::store
