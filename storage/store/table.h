#pragma once

#include <cassert>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace harvest::store {

/// A few rows that live in memory because every group changes them: counters, cursors, records. Each row is held as
/// committed (what readers see), and, while a group that touches it is being built, as that group would leave it.
///
/// The store thread alone edits; a row is written once per group, whole, however many changes of the group touched it.
/// After the group's fsync publish() makes the staged rows the committed ones; where the write failed, drop() forgets
/// them. Readers hold the lock; the store thread takes it only where readers could see a difference.
template <typename K, typename Row>
class Table {
 public:
  explicit Table(std::mutex& mutex) : mutex_(mutex) {}

  // ---- store thread: the staged view ----
  const Row* find(const K& key) const {
    auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : found->second.current();
  }
  /// Null where there is no such row. The pointer holds until publish() or drop().
  Row* edit(const K& key) {
    auto found = entries_.find(key);
    if (found == entries_.end() || found->second.current() == nullptr) return nullptr;
    Entry& entry = found->second;
    if (!entry.dirty) {
      entry.staged = entry.committed;
      mark(found);
    }
    return &*entry.staged;
  }
  Row& edit_or_create(const K& key) {
    Row* row = edit(key);
    return row != nullptr ? *row : create(key);
  }
  /// The row must not be there.
  Row& create(const K& key) {
    auto found = entries_.find(key);
    if (found == entries_.end()) {
      std::lock_guard lock(mutex_);
      found = entries_.try_emplace(key).first;
    }
    assert(found->second.current() == nullptr);
    if (!found->second.dirty) mark(found);
    return found->second.staged.emplace();
  }
  void erase(const K& key) {
    auto found = entries_.find(key);
    assert(found != entries_.end());
    if (!found->second.dirty) mark(found);
    found->second.staged.reset();
  }
  /// `visit(key, row)` for every row, in key order.
  template <typename Visit>
  void each(Visit&& visit) const {
    for (const auto& [key, entry] : entries_)
      if (const Row* row = entry.current()) visit(key, *row);
  }
  /// `write(key, row)` for every touched row, `row` null where it was erased.
  template <typename Write>
  void each_dirty(Write&& write) const {
    for (auto entry : dirty_) write(entry->first, entry->second.current());
  }

  /// After the group's write. The caller holds the lock.
  void publish() {
    settle([](Entry& entry) { entry.committed = std::move(entry.staged); });
  }
  /// The write failed. The caller holds the lock.
  void drop() {
    settle([](Entry&) {});
  }

  // ---- any thread: the committed view. The caller holds the lock ----
  const Row* committed(const K& key) const {
    auto found = entries_.find(key);
    return found == entries_.end() || !found->second.committed ? nullptr : &*found->second.committed;
  }
  /// In key order, from `first` on, until `visit(key, row)` returns false.
  template <typename Visit>
  void each_committed_from(const K& first, Visit&& visit) const {
    for (auto entry = entries_.lower_bound(first); entry != entries_.end(); ++entry) {
      if (entry->second.committed && !visit(entry->first, *entry->second.committed)) return;
    }
  }
  template <typename Visit>
  void each_committed(Visit&& visit) const {
    for (const auto& [key, entry] : entries_) {
      if (entry.committed) visit(key, *entry.committed);
    }
  }
  /// At open, before any other thread.
  void load(const K& key, Row row) { entries_[key].committed = std::move(row); }

 private:
  struct Entry {
    std::optional<Row> committed;
    std::optional<Row> staged;  // Invariant: empty unless dirty
    bool dirty = false;
    const Row* current() const {
      const std::optional<Row>& row = dirty ? staged : committed;
      return row ? &*row : nullptr;
    }
  };
  using Entries = std::map<K, Entry>;

  void mark(typename Entries::iterator entry) {
    entry->second.dirty = true;
    dirty_.push_back(entry);
  }
  template <typename Step>
  void settle(Step&& step) {
    for (auto entry : dirty_) {
      step(entry->second);
      entry->second.staged.reset();
      entry->second.dirty = false;
      if (!entry->second.committed) entries_.erase(entry);
    }
    dirty_.clear();
  }

  std::mutex& mutex_;
  Entries entries_;
  std::vector<typename Entries::iterator> dirty_;
};

}  // namespace harvest::store
