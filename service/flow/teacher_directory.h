#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "harvest/v1/job.pb.h"
#include "harvest/v1/teacher.pb.h"
#include "proto/text/time.h"
#include "service/rights/rights.h"

namespace harvest::flow {

/// The teachers as configured, with their governed rights, for whoever is not on the decision lane. Any thread.
class TeacherDirectory {
 public:
  void put(v1::Teacher teacher) {
    std::lock_guard lock(mutex_);
    teachers_[teacher.name()] = std::move(teacher);
  }
  std::optional<v1::Teacher> find(const std::string& name) const {
    std::lock_guard lock(mutex_);
    auto found = teachers_.find(name);
    if (found == teachers_.end()) return std::nullopt;
    return found->second;
  }
  /// Is it there, and do its rights permit this use today?
  bool permits(const std::string& name, const v1::Use& use, int64_t utc_us) const {
    const auto known = find(name);
    return known && rights::may_ask(*known, use, text::format_day(text::day_of(utc_us))).ok();
  }
  std::vector<std::string> names() const {
    std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, teacher] : teachers_) names.push_back(name);
    return names;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, v1::Teacher> teachers_;
};

}  // namespace harvest::flow
