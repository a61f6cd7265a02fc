#include "absl/strings/str_cat.h"
#include "storage/store/impl.h"
#include "storage/store/large_row.h"

namespace harvest::store {

std::vector<std::optional<KnownAnswer>> Store::find_answers(std::string_view tenant,
                                                            const std::vector<Identity>& identities) const {
  std::vector<std::optional<KnownAnswer>> known(identities.size());
  if (identities.empty()) return known;
  std::vector<Key> keys;
  std::vector<rocksdb::Slice> slices;
  keys.reserve(identities.size());
  for (const Identity& identity : identities) slices.push_back(keys.emplace_back(keys::identity(tenant, identity)));
  std::vector<rocksdb::PinnableSlice> values(identities.size());
  std::vector<rocksdb::Status> statuses(identities.size());
  Database::Reader reader = impl_->database->read();
  reader->MultiGet(rocksdb::ReadOptions(), reader.family(Family::kIndex), slices.size(), slices.data(), values.data(),
                   statuses.data());
  for (size_t i = 0; i < identities.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    check_read(statuses[i], "the index of answers");
    KeyReader value(values[i]);
    KnownAnswer& answer = known[i].emplace();
    answer.answer = value.u64();
    answer.choice = value.u32();
    answer.raw_bytes = value.u32();
  }
  return known;
}

absl::StatusOr<v1::Answer> Store::answer(uint64_t number) const {
  rocksdb::PinnableSlice bytes;
  const rocksdb::Status found = impl_->database->read().get(Family::kAnswer, keys::answer(number), &bytes);
  if (found.IsNotFound()) return absl::NotFoundError(absl::StrCat("there is no answer number ", number));
  if (!found.ok()) return to_status(found);
  std::string buffer;
  auto message = large_row::unpacked(std::string_view(bytes.data(), bytes.size()), buffer);
  if (!message.ok()) return message.status();
  v1::Answer answer;
  if (!answer.ParseFromArray(message->data(), static_cast<int>(message->size()))) {
    return absl::DataLossError(absl::StrCat("answer number ", number, " cannot be read"));
  }
  return answer;
}

}  // namespace harvest::store
