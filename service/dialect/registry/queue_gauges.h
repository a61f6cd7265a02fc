#pragma once

#include <cstdint>
#include <optional>

#include "harvest/v1/teacher.pb.h"
#include "service/dialect/dialect.h"

namespace harvest::dialect {

/// What a server of one's own says of its queue, whoever's requests stand there.
struct QueueGauges {
  int64_t waiting = 0, running = 0;
};

/// Asks such a server for them: a page of metrics in Prometheus' text format at its root. None: this one has no such
/// page.
std::optional<HttpRequest> queue_gauges_request(const Dialect& dialect, const v1::Teacher& teacher);

/// None: the page does not tell both (its server was started without metrics, or they bear other names).
std::optional<QueueGauges> read_queue_gauges(const Dialect& dialect, const v1::Teacher& teacher,
                                             const HttpExchange& exchange);

}  // namespace harvest::dialect
