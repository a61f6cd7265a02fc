#include <algorithm>
#include <array>
#include <cassert>
#include <limits>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "storage/store/impl.h"

namespace harvest::store {
namespace {

// A record id is `r_` and a ULID: 10 characters of Crockford's base 32 are its creation time in milliseconds.
constexpr size_t kRecordIdLength = 2 + 26;
constexpr size_t kTimeEnd = 2 + 10;
constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

std::optional<int64_t> time_ms(std::string_view record_id) {
  if (record_id.size() != kRecordIdLength || record_id.substr(0, 2) != "r_") return std::nullopt;
  int64_t ms = 0;
  for (char c : record_id.substr(2, kTimeEnd - 2)) {
    const size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    ms = ms << 5 | static_cast<int64_t>(digit);
  }
  return ms;
}

/// The record id of a serialized pair, without parsing the rest. It comes first, or behind the fields of a stamp.
std::string_view record_id_of(rocksdb::Slice row) {
  using google::protobuf::internal::WireFormatLite;
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(row.data()),
                                               static_cast<int>(row.size()));
  uint32_t length = 0;
  const uint32_t tag =
      WireFormatLite::MakeTag(v1::Pair::kRecordIdFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
  uint32_t next = input.ReadTag();
  while (next != tag && next != 0 && WireFormatLite::SkipField(&input, next)) next = input.ReadTag();
  if (next != tag || !input.ReadVarint32(&length)) return {};
  const size_t start = static_cast<size_t>(input.CurrentPosition());
  return length <= row.size() - start ? std::string_view(row.data() + start, length) : std::string_view();
}

/// Finds a pair in one dataset by its id's time: ids are made shortly before pairs arrive, so times nearly rise with
/// sequence numbers. With no pair arriving more than `late_ms` after its id was made, the wanted one lies between the
/// first id not older than wanted - late and the first id younger than wanted + late.
class Search {
 public:
  /// `rows_left`: how many rows may yet be looked at, over all searches for one id.
  Search(Database::Reader& reader, const v1::DatasetRecord& dataset, uint64_t& rows_left)
      : dataset_(dataset),
        rows_left_(rows_left),
        rows_(reader.range(Family::kPair, keys::pair(dataset.number(), 0), keys::pair(dataset.number() + 1, 0))) {}

  std::optional<Store::SequencedPair> near(std::string_view record_id, int64_t wanted_ms, int64_t late_ms) {
    uint64_t low = 0, high = dataset_.pairs();
    while (low < high) {
      const uint64_t middle = low + (high - low) / 2;
      rows_->Seek(keys::pair(dataset_.number(), middle));
      if (!rows_->Valid()) break;
      if (time_here() < wanted_ms - late_ms)
        low = middle + 1;
      else
        high = middle;
    }
    return scan(record_id, low, wanted_ms + late_ms);
  }
  std::optional<Store::SequencedPair> anywhere(std::string_view record_id) {
    return scan(record_id, 0, std::numeric_limits<int64_t>::max());
  }

 private:
  int64_t time_here() const { return time_ms(record_id_of(rows_->value())).value_or(0); }

  std::optional<Store::SequencedPair> scan(std::string_view record_id, uint64_t first, int64_t last_ms) {
    for (rows_->Seek(keys::pair(dataset_.number(), first)); rows_->Valid() && rows_left_ > 0; rows_->Next()) {
      --rows_left_;
      if (record_id_of(rows_->value()) == record_id) return here();
      if (time_here() > last_ms) break;
    }
    check_read(rows_->status(), "a pair");
    return std::nullopt;
  }
  Store::SequencedPair here() const {
    KeyReader key(rows_->key());
    const uint64_t dataset = key.u64();
    assert(dataset == dataset_.number());
    Store::SequencedPair found;
    found.sequence = key.u64();
    found.dataset = dataset;
    if (!found.pair.ParseFromArray(rows_->value().data(), static_cast<int>(rows_->value().size()))) {
      fail_read(rocksdb::Status::Corruption("not a Pair"), "a pair");
    }
    return found;
  }

  const v1::DatasetRecord& dataset_;
  uint64_t& rows_left_;
  Database::Rows rows_;
};

// How far a pair may lie from where its id's time puts it: it came at once, as an earlier turn's that is looked for
// with each question after it nearly always did; after a busy or a slow disk; or ten minutes late and past a clock set
// back by five.
constexpr std::array<int64_t, 4> kLateMs = {50, 500, 15'000, 900'000};
// An id that does not exist costs at most these rows, about a second of reading, however many pairs there are.
constexpr uint64_t kRowsMax = 1'000'000;

}  // namespace

std::vector<Store::SequencedPair> Store::pairs(std::string_view dataset_name, uint64_t first, size_t limit) const {
  std::vector<SequencedPair> pairs;
  const auto record = dataset(dataset_name);
  if (!record.ok()) return pairs;
  Database::Reader reader = impl_->database->read();
  Database::Rows rows =
      reader.range(Family::kPair, keys::pair(record->number(), first), keys::pair(record->number(), record->pairs()));
  for (; rows->Valid() && pairs.size() < limit; rows->Next()) {
    KeyReader key(rows->key());
    SequencedPair& row = pairs.emplace_back();
    row.dataset = key.u64();
    row.sequence = key.u64();
    if (!row.pair.ParseFromArray(rows->value().data(), static_cast<int>(rows->value().size()))) {
      fail_read(rocksdb::Status::Corruption("not a Pair"), "a pair");
    }
  }
  check_read(rows->status(), "a pair");
  return pairs;
}

absl::StatusOr<Store::SequencedPair> Store::find_pair(std::string_view dataset_name, std::string_view record_id) const {
  const std::optional<int64_t> wanted_ms = time_ms(record_id);
  if (!wanted_ms)
    return absl::InvalidArgumentError(
        absl::StrCat("'", std::string(record_id), "' is not a record id (r_ and a ULID)"));
  const auto record = dataset(dataset_name);
  if (!record.ok()) return record.status();
  Database::Reader reader = impl_->database->read();
  uint64_t rows_left = kRowsMax;
  for (int64_t late_ms : kLateMs)
    if (auto found = Search(reader, *record, rows_left).near(record_id, *wanted_ms, late_ms)) return *std::move(found);
  return absl::NotFoundError(absl::StrCat("there is no pair ", std::string(record_id), " in dataset ", record->name()));
}

absl::StatusOr<Store::FoundPair> Store::find_pair(std::string_view record_id) const {
  const std::optional<int64_t> wanted_ms = time_ms(record_id);
  if (!wanted_ms)
    return absl::InvalidArgumentError(
        absl::StrCat("'", std::string(record_id), "' is not a record id (r_ and a ULID)"));
  const std::vector<v1::DatasetRecord> all = datasets();
  Database::Reader reader = impl_->database->read();
  uint64_t rows_left = kRowsMax;
  for (int64_t late_ms : kLateMs) {
    for (const v1::DatasetRecord& dataset : all) {
      if (auto found = Search(reader, dataset, rows_left).near(record_id, *wanted_ms, late_ms)) {
        return FoundPair{dataset.name(), *std::move(found)};
      }
    }
  }
  // A clock that was far off: what rows are left to look at cover a small store whole.
  for (const v1::DatasetRecord& dataset : all) {
    if (auto found = Search(reader, dataset, rows_left).anywhere(record_id))
      return FoundPair{dataset.name(), *std::move(found)};
  }
  return absl::NotFoundError(absl::StrCat("there is no pair ", std::string(record_id)));
}

}  // namespace harvest::store
