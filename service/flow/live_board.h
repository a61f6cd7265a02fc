#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "harvest/v1/control.pb.h"
#include "harvest/v1/teacher.pb.h"

namespace harvest::flow {

/// How a job stands this moment; what is durable is in its record.
struct JobLive {
  uint64_t in_flight = 0;
  uint64_t in_batches = 0;
  double pairs_per_second = 0;
  double tokens_per_second = 0;
  double eta_seconds = -1;
  std::string binding;
  std::vector<v1::AnswerRates> answer_rates;  ///< of its teachers that answered since it began, or was resumed
};

struct ServiceLive {
  std::vector<v1::BudgetStatus> budgets;  ///< of teachers and tenants that have caps
  uint64_t in_flight = 0;
  bool disk_low = false;
  uint64_t free_bytes = 0;
  bool draining = false;
};

/// The harvester's figures for everybody else: written by the decision lane a few times a second, read by any thread.
class LiveBoard {
 public:
  struct Figures {
    std::map<uint64_t, JobLive> jobs;
    std::vector<v1::TeacherStatus> teachers;
    ServiceLive service;
  };

  void publish(Figures figures) {
    std::lock_guard lock(mutex_);
    figures_ = std::move(figures);
  }
  JobLive job(uint64_t number) const {
    std::lock_guard lock(mutex_);
    auto found = figures_.jobs.find(number);
    return found == figures_.jobs.end() ? JobLive{} : found->second;
  }
  std::vector<v1::TeacherStatus> teachers() const {
    std::lock_guard lock(mutex_);
    return figures_.teachers;
  }
  ServiceLive service() const {
    std::lock_guard lock(mutex_);
    return figures_.service;
  }

 private:
  mutable std::mutex mutex_;
  Figures figures_;
};

}  // namespace harvest::flow
