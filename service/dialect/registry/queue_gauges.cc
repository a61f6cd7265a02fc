#include "service/dialect/registry/queue_gauges.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <string_view>

#include "service/dialect/ascii.h"
#include "service/dialect/lines.h"

namespace harvest::dialect {
namespace {

constexpr auto kPatience = std::chrono::seconds(2);
constexpr int64_t kPageBytesMax = 4 << 20;
constexpr double kMost = 1e9;  // beyond it, it is no number of requests

/// As each server documents its metrics; several engines behind one page have a row each, told apart by labels.
struct Page {
  std::string_view profile, waiting, running;
};
constexpr std::array<Page, 4> kPages{{{"vllm", "vllm:num_requests_waiting", "vllm:num_requests_running"},
                                      {"sglang", "sglang:num_queue_reqs", "sglang:num_running_reqs"},
                                      {"llama.cpp", "llamacpp:requests_deferred", "llamacpp:requests_processing"},
                                      {"tgi", "tgi_queue_size", "tgi_batch_current_size"}}};

const Page* page_of(const Dialect& dialect, const v1::Teacher& teacher) {
  for (const Page& page : kPages)
    if (page.profile == dialect.profile(teacher)) return &page;
  return nullptr;
}

/// The value of a row of this metric, `name value` or `name{labels} value`, with or without a time behind it.
std::optional<double> value_in(std::string_view row, std::string_view name) {
  if (!row.starts_with(name)) return std::nullopt;
  row.remove_prefix(name.size());
  if (row.starts_with('{')) {
    const size_t end = row.rfind('}');
    if (end == std::string_view::npos) return std::nullopt;
    row.remove_prefix(end + 1);
  }
  if (!row.starts_with(' ')) return std::nullopt;  // another metric, whose name only begins alike
  row = ascii::trimmed(row);
  row = row.substr(0, row.find(' '));
  double value = 0;
  const auto read = std::from_chars(row.data(), row.data() + row.size(), value);
  return read.ec == std::errc() && read.ptr == row.data() + row.size() ? std::optional(value) : std::nullopt;
}

std::optional<int64_t> sum_of(std::string_view page, std::string_view name) {
  std::optional<double> sum;
  LineSplitter rows(page);
  for (std::string_view row; rows.next(row);)
    if (const std::optional<double> value = value_in(row, name)) sum = sum.value_or(0) + *value;
  if (!sum || !std::isfinite(*sum) || *sum < 0 || *sum > kMost) return std::nullopt;
  return static_cast<int64_t>(*sum);
}

}  // namespace

std::optional<HttpRequest> queue_gauges_request(const Dialect& dialect, const v1::Teacher& teacher) {
  if (page_of(dialect, teacher) == nullptr) return std::nullopt;
  return HttpRequest{.method = HttpRequest::Method::kGet,
                     .path = "/metrics",
                     .at_root = true,
                     .response_bytes_max = kPageBytesMax,
                     .time_max = kPatience};
}

std::optional<QueueGauges> read_queue_gauges(const Dialect& dialect, const v1::Teacher& teacher,
                                             const HttpExchange& exchange) {
  const Page* page = page_of(dialect, teacher);
  if (page == nullptr || exchange.error != WireError::kNone || exchange.status != 200) return std::nullopt;
  const std::optional<int64_t> waiting = sum_of(exchange.body, page->waiting);
  const std::optional<int64_t> running = sum_of(exchange.body, page->running);
  if (!waiting || !running) return std::nullopt;
  return QueueGauges{.waiting = *waiting, .running = *running};
}

}  // namespace harvest::dialect
