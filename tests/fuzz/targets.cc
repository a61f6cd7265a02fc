#include "tests/fuzz/targets.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <string>

#include "service/dialect/bedrock/event_stream.h"
#include "service/dialect/dialect.h"
#include "service/dialect/limit_headers.h"
#include "service/dialect/lines.h"
#include "service/dialect/registry/registry.h"
#include "service/dialect/sse.h"

namespace harvest::fuzz {
namespace {

using namespace harvest::dialect;

constexpr int64_t kUtcUs = 1'795'000'000'000'000;
constexpr size_t kEventsMax = 1 << 20;  // more than any input has bytes

void must(bool holds) {
  if (!holds) std::abort();
}

std::string_view take_line(std::string_view& text) {
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

bool same(const Choice& a, const Choice& b) {
  return a.message.SerializeAsString() == b.message.SerializeAsString() && a.finish_reason == b.finish_reason &&
         a.refused == b.refused && a.truncated == b.truncated;
}

void check_outcome(const Outcome& outcome) {
  must(outcome.kind != v1::OUTCOME_UNSPECIFIED);
  const bool stored = outcome.kind == v1::ANSWERED || outcome.kind == v1::REFUSED;
  must(stored == !outcome.choices.empty());
  must(outcome.message.size() <= 600);
  must(!outcome.retry_after || outcome.retry_after->count() >= 0);
  must(outcome.usage.cached_input_tokens() <= outcome.usage.input_tokens());
  must(outcome.usage.reasoning_tokens() <= outcome.usage.output_tokens());
}

HttpExchange exchange_of(int status, std::string_view body) {
  HttpExchange exchange;
  exchange.sent = true;
  exchange.status = status;
  exchange.body = body;
  return exchange;
}

}  // namespace

void decode(std::string_view input) {
  std::string_view body = input;
  std::string_view head = take_line(body);
  const size_t space = head.find(' ');
  const Dialect* dialect = find_dialect(head.substr(0, space));
  if (dialect == nullptr || space == std::string_view::npos) return;
  int status = 200;
  std::from_chars(head.data() + space + 1, head.data() + head.size(), status);

  const Outcome outcome = dialect->decode(exchange_of(status, body), kUtcUs);
  check_outcome(outcome);
  check_outcome(dialect->decode(exchange_of(status, body.substr(0, body.size() / 2)), kUtcUs));
  HttpExchange broken = exchange_of(status, body);
  broken.error = WireError::kReset;
  check_outcome(dialect->decode(broken, kUtcUs));

  if (outcome.kind != v1::ANSWERED || status != 200) return;
  const auto again = dialect->decode_stored(body);
  must(again.ok() && again->choices.size() == outcome.choices.size());
  for (size_t i = 0; i < outcome.choices.size(); ++i) must(same(outcome.choices[i], again->choices[i]));
}

void split(std::string_view input) {
  const auto within = [&](size_t offset) { must(offset <= input.size()); };
  SseSplitter events(input);
  SseEvent event;
  for (size_t count = 0; events.next(event); ++count) {
    must(count < kEventsMax);
    within(events.offset());
  }
  LineSplitter lines(input);
  std::string_view line;
  for (size_t count = 0; lines.next(line); ++count) {
    must(count < kEventsMax && line.find('\n') == std::string_view::npos);
    within(lines.offset());
  }
}

namespace {

void append_u32(std::string& out, size_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 255);
}

size_t checksum(std::string_view bytes) {
  return crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
}

void split_frames(std::string_view body) {
  EventStreamSplitter messages(body);
  EventStreamMessage message;
  const auto within = [&](std::string_view part) {
    must(part.empty() || (part.data() >= body.data() && part.data() + part.size() <= body.data() + body.size()));
  };
  size_t last = 0;
  while (messages.next(message)) {
    must(messages.offset() > last && messages.offset() <= body.size());
    last = messages.offset();
    for (const std::string_view part : {message.message_type, message.name, message.words, message.payload})
      within(part);
  }
  must(messages.offset() == last);
}

}  // namespace

void frames(std::string_view input) {
  split_frames(input);
  std::string body;
  while (!input.empty()) {
    const size_t headers = std::min<size_t>(static_cast<uint8_t>(input[0]), input.size() - 1);
    const size_t payload = std::min<size_t>(256, input.size() - 1 - headers);
    const size_t begin = body.size();
    append_u32(body, 16 + headers + payload);
    append_u32(body, headers);
    append_u32(body, checksum(std::string_view(body).substr(begin)));
    body += input.substr(1, headers + payload);
    append_u32(body, checksum(std::string_view(body).substr(begin)));
    input.remove_prefix(1 + headers + payload);
  }
  split_frames(body);
  check_outcome(find_dialect("bedrock-converse")->decode(exchange_of(200, body), kUtcUs));
}

void batches(std::string_view input) {
  std::string_view body = input;
  const Dialect* dialect = find_dialect(take_line(body));
  if (dialect == nullptr) return;
  v1::Teacher teacher;
  if (dialect->name() == "openai-chat") teacher.set_profile("openai");  // other servers of it have no batches
  const BatchInterface* vendor = dialect->batches(teacher);
  if (vendor == nullptr) {
    // Else whole corpora would test nothing.
    constexpr std::array<std::string_view, 3> kWithout{"bedrock-converse", "cohere-v2", "ollama"};
    must(std::find(kWithout.begin(), kWithout.end(), dialect->name()) != kWithout.end());
    return;
  }
  vendor->read_file(body).IgnoreError();
  vendor->read_standing(body).IgnoreError();
  vendor->read_page(body, "").IgnoreError();
  const auto results = vendor->read_results(body);
  if (!results.ok()) return;
  must(results->size() <= body.size() + 1);
  for (const BatchResult& result : *results)
    if (result.fate == BatchResult::Fate::kDone) check_outcome(dialect->decode(result.exchange, kUtcUs));
}

void headers(std::string_view input) {
  HttpExchange exchange = exchange_of(429, "{}");
  while (!input.empty()) {
    const std::string_view line = take_line(input);
    const size_t colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    exchange.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    if (const auto reset = parse_reset(line.substr(colon + 2), kUtcUs)) must(reset->count() >= 0);
  }
  if (const auto wait = retry_after(exchange, kUtcUs)) must(wait->count() >= 0);
  for (const std::string_view name : dialects()) {
    const Outcome outcome = find_dialect(name)->decode(exchange, kUtcUs);
    check_outcome(outcome);
    for (const LimitWindow* window : {&outcome.requests, &outcome.input_tokens, &outcome.output_tokens}) {
      must(!window->limit || *window->limit >= 0);
      must(!window->remaining || *window->remaining >= 0);
      must(!window->reset_in || window->reset_in->count() >= 0);
    }
  }
}

}  // namespace harvest::fuzz
