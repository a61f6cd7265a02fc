#include "service/flow/gauge_watch.h"

#include <chrono>
#include <utility>

#include "service/dialect/registry/queue_gauges.h"

namespace harvest::flow {
namespace {

constexpr auto kEvery = std::chrono::seconds(1);
constexpr auto kTryAgain = std::chrono::minutes(10);

}  // namespace

void GaugeWatch::look(TeacherDesk& teacher, limit::Instant now) {
  if (!teacher.limiter.queues() || teacher.in_flight() == 0) return;
  std::shared_ptr<Reading>& reading = readings_[&teacher];
  if (reading == nullptr) reading = std::make_shared<Reading>();
  if (now < reading->due || reading->out > 0) return;
  const std::optional<dialect::HttpRequest> request =
      dialect::queue_gauges_request(teacher.dialect(), teacher.config());
  if (!request) return;

  *reading = {.due = now + kEvery, .out = teacher.line().endpoints.size()};
  for (size_t endpoint = 0; endpoint < teacher.line().endpoints.size(); ++endpoint) {
    dialect::HttpRequest asked = *request;
    teacher.line().send(endpoint, std::move(asked), [&teacher, reading, now](const dialect::HttpExchange& exchange) {
      const auto gauges = dialect::read_queue_gauges(teacher.dialect(), teacher.config(), exchange);
      reading->whole = reading->whole && gauges.has_value();
      if (gauges) {
        reading->waiting += gauges->waiting;
        reading->running += gauges->running;
      }
      if (--reading->out > 0) return;
      // Part of a queue would pass for all of it.
      if (reading->whole)
        teacher.limiter.learn_waiting(reading->waiting, reading->running, now + exchange.duration);
      else
        reading->due = now + kTryAgain;
    });
  }
}

}  // namespace harvest::flow
