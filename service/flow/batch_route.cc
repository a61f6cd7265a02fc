#include "service/flow/batch_route.h"

namespace harvest::flow {

int64_t online_at_us(const RouteQuestion& question) {
  if (question.route != v1::AUTO || question.deadline_us == INT64_MAX) return 0;
  return question.deadline_us - (question.deadline_us - question.created_at_us) / 4;
}

bool goes_by_batch(const RouteQuestion& question, int64_t utc_us) {
  if (question.route == v1::ONLINE || !question.takes_batches) return false;
  if (question.route == v1::BATCH) return true;
  const int64_t online_at = online_at_us(question);
  return question.cheaper && (online_at == 0 || utc_us < online_at);
}

}  // namespace harvest::flow
