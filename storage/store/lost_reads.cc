#include "storage/store/impl.h"

namespace harvest::store {

std::vector<LostAttempt> Store::lost_attempts(std::string_view after_id, size_t limit) const {
  std::vector<LostAttempt> attempts;
  Key first = keys::lost(after_id);
  if (!after_id.empty()) first.bytes({"\0", 1});  // the next key there is
  Database::Reader reader = impl_->database->read();
  Database::Rows rows = reader.range(Family::kDefault, first, Key(keys::kLost + 1));
  for (; rows->Valid() && attempts.size() < limit; rows->Next()) {
    KeyReader value(rows->value());
    LostAttempt& lost = attempts.emplace_back();
    lost.found_at_us = value.i64();
    const std::string_view intent = value.rest();
    if (!lost.intent.ParseFromArray(intent.data(), static_cast<int>(intent.size()))) {
      fail_read(rocksdb::Status::Corruption("not an Intent"), "a lost attempt");
    }
  }
  check_read(rows->status(), "a lost attempt");
  return attempts;
}

}  // namespace harvest::store
