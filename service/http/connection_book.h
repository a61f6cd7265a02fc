#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace harvest::http {

/// How many connections are open, in all and from each address. Pure; lives on the face's lane.
class ConnectionBook {
 public:
  ConnectionBook(std::size_t total_max, std::size_t per_address_max)
      : total_max_(total_max), per_address_max_(per_address_max) {}

  /// False: one too many. Every true is followed by one leave().
  bool enter(const std::string& address) {
    if (total_ >= total_max_) return false;
    std::size_t& here = by_address_[address];
    if (here >= per_address_max_) return false;
    ++here;
    ++total_;
    return true;
  }

  void leave(const std::string& address) {
    const auto found = by_address_.find(address);
    if (found == by_address_.end()) return;
    --total_;
    if (--found->second == 0) by_address_.erase(found);
  }

  std::size_t total() const { return total_; }

 private:
  const std::size_t total_max_, per_address_max_;
  std::size_t total_ = 0;
  std::map<std::string, std::size_t> by_address_;
};

}  // namespace harvest::http
