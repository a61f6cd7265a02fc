#include "tests/teachersim/teacher.h"

#include <algorithm>
#include <cassert>
#include <cstdio>

#include "tests/teachersim/mischief.h"
#include "tests/teachersim/troubles.h"

namespace teachersim {
namespace {

std::string run_of(std::int64_t start_utc_us) {
  char text[32];
  std::snprintf(text, sizeof text, "%llx-", static_cast<unsigned long long>(start_utc_us));
  return text;
}

std::string_view delivery_name(Mischief kind) {
  const bool cut =
      kind == Mischief::kReset || kind == Mischief::kVanish || kind == Mischief::kTruncate || kind == Mischief::kCut;
  return cut ? name_of(kind) : std::string_view();
}

}  // namespace

Teacher::Teacher(Conduct conduct, Ledger* ledger, std::int64_t start_utc_us)
    : conduct_(std::move(conduct)),
      ledger_(ledger),
      run_(run_of(start_utc_us)),
      dialects_(all_dialects(conduct_.shape, conduct_.canned, conduct_.manners)),
      limits_(conduct_.limits),
      desk_(conduct_.batches, conduct_.shape, conduct_.prices, dialects_, run_, ledger_, stats_) {
  assert(conduct_.rates.sum() <= 1 && conduct_.turn.sum() <= 1);
  if (conduct_.turn.after >= 0) turned_.emplace(conduct_.turn, conduct_.shape, conduct_.canned, conduct_.manners);
}

Visit Teacher::receive(const Call& call, const Moment& now) {
  Visit visit;
  visit.arrived = now.now;
  bool known_path = false;
  visit.dialect = &dialect_of(call.path, known_path);
  visit.id.append(visit.dialect->id_prefix()).append(run_).append(std::to_string(++stats_.requests));

  // The books first: a request is on record before anything is decided about it.
  auto outcome = visit.dialect->read(call);
  if (auto* question = std::get_if<std::unique_ptr<Question>>(&outcome)) visit.question = std::move(*question);
  const int key = key_index(visit.dialect->identify(call));
  if (ledger_ != nullptr) {
    const std::string_view prompt = visit.question ? std::string_view(visit.question->prompt) : std::string_view();
    const std::string_view model = visit.question ? std::string_view(visit.question->model) : std::string_view();
    visit.prompt_sha256 = sha256_hex(prompt);
    ledger_->received({visit.id, visit.prompt_sha256}, model, key, now);
  }

  if (is_dead(conduct_.dead_times, call.endpoint, now.now)) {
    visit.dropped = true;
    return visit;
  }
  visit.trouble = door(call, key);
  if (!visit.trouble && !known_path) visit.trouble = no_such_path(call.method, call.path);
  if (!visit.trouble && !visit.question) visit.trouble = std::get<Trouble>(std::move(outcome));
  if (!visit.trouble && !conduct_.models.empty() && !conduct_.canned) {
    const auto& served = conduct_.models;
    const bool found = std::find(served.begin(), served.end(), visit.question->model) != served.end();
    if (!found) visit.trouble = no_such_model(visit.question->model);
  }
  if (visit.trouble) return visit;

  visit.ask = {visit.question->input_tokens - visit.question->unlimited_input, visit.question->output_cap};
  const limits::Decision decision = limits_.admit(visit.ask, now.now);
  if (!decision.granted) {
    visit.trouble = throttled(visit.question->model, visit.ask, decision, conduct_.limits);
    return visit;
  }
  visit.admitted = true;
  stats_.peak_in_flight = std::max(stats_.peak_in_flight, limits_.in_flight());

  const bool draws_differ =
      conduct_.rates.sum() > 0 || conduct_.latency.sigma > 0 || conduct_.latency.jitter > limits::Time::zero();
  const std::uint64_t time = draws_differ ? asked_[visit.question->key]++ : 0;
  Draw draw(mix(conduct_.shape.seed) ^ mix(visit.question->key + time * 0x9E3779B97F4A7C15ULL));
  visit.delay = draw_latency(conduct_.latency, draw);
  visit.fault = fault_for(*visit.question, draw);
  if (turned_ && stats_.answered >= conduct_.turn.after) {
    visit.turned = turned_->way(visit.question->key);
    if (visit.turned == Turned::Way::kRefused && visit.fault.kind == Mischief::kNone)
      visit.fault.kind = Mischief::kRefuse;
  }
  if (visit.fault.kind == Mischief::kSlow) visit.delay += conduct_.slow;
  if (visit.fault.kind == Mischief::kStatus) visit.trouble = trouble_of_status(visit.fault.status, visit.fault.code);
  return visit;
}

Delivery Teacher::finish(Visit visit, const Moment& now) {
  Delivery delivery;
  if (visit.dropped) {
    ++stats_.failed["dead"];
    if (ledger_ != nullptr) ledger_->failed({visit.id, visit.prompt_sha256}, "dead", now);
    delivery.manner = Manner::kReset;
  } else if (visit.trouble || !is_billed(visit.fault.kind)) {
    delivery = fail(visit, now);
  } else {
    delivery = answer(visit, now);
  }
  if (conduct_.limit_headers && visit.question && !visit.dropped) {
    delivery.reply.headers += visit.dialect->limit_headers(limits_, now);
  }
  delivery.request_id = std::move(visit.id);
  delivery.id_header = visit.dialect->id_header();
  delivery.event_gap = conduct_.event_gap;
  return delivery;
}

Delivery Teacher::answer(Visit& visit, const Moment& now) {
  Answer answer = answer_to(visit, now);
  damage(visit.fault.kind, answer);
  limits_.settle(visit.ask, visit.arrived, answer.usage.output_tokens, now.now);

  const std::int64_t cost = cost_of(answer.usage, conduct_.prices);
  if (ledger_ != nullptr) {
    ledger_->answered({visit.id, visit.prompt_sha256}, answer.contents, answer.usage, cost,
                      delivery_name(visit.fault.kind), now);
  }
  count_answer(stats_, answer.usage, cost, visit.fault.kind == Mischief::kRefuse);

  Delivery delivery;
  delivery.reply.content_type = std::move(answer.content_type);
  delivery.reply.body = std::move(answer.body);
  delivery.reply.events = std::move(answer.events);
  delivery.manner = manner_of(visit.fault.kind);
  return delivery;
}

Delivery Teacher::fail(Visit& visit, const Moment& now) {
  if (visit.admitted) limits_.settle(visit.ask, visit.arrived, 0, now.now);
  const bool is_throttled = visit.trouble && visit.trouble->kind == Trouble::Kind::kThrottled && !visit.admitted;
  const auto dimension = is_throttled ? visit.trouble->decision.refused_by : limits::Dimension::kRequests;
  if (is_throttled) {
    ++stats_.throttled[static_cast<std::size_t>(dimension)];
    if (ledger_ != nullptr) ledger_->throttled({visit.id, visit.prompt_sha256}, name_of(dimension), now);
  } else {
    const std::string reason = visit.trouble ? name_of(*visit.trouble) : name_of(visit.fault);
    ++stats_.failed[reason];
    if (ledger_ != nullptr) ledger_->failed({visit.id, visit.prompt_sha256}, reason, now);
  }
  if (visit.trouble) visit.trouble->request_id = visit.id;
  Delivery delivery;
  delivery.reply = reply_to(visit, now);
  delivery.manner = visit.trouble ? Manner::kWhole : manner_of(visit.fault.kind);
  return delivery;
}

Answer Teacher::answer_to(const Visit& visit, const Moment& now) const {
  const bool refuse = visit.fault.kind == Mischief::kRefuse;
  return voice_of(visit).answer(*visit.question, {visit.id, now.utc_us / 1'000'000, refuse, visit.fault.code});
}

const Dialect& Teacher::voice_of(const Visit& visit) const {
  if (!visit.turned) return *visit.dialect;
  const auto own = std::find_if(dialects_.begin(), dialects_.end(),
                                [&](const auto& dialect) { return dialect.get() == visit.dialect; });
  return turned_->voice(*visit.turned, static_cast<std::size_t>(own - dialects_.begin()));
}

/// What a request gets instead of an answer. Some mischief lets a stream begin.
Reply Teacher::reply_to(const Visit& visit, const Moment& now) const {
  if (visit.trouble) return visit.dialect->reply(*visit.trouble);
  const Trouble broken = broken_off(visit.id, visit.fault.code);
  Answer answer;
  if (visit.question->stream && strikes_midway(visit.fault.kind)) answer = answer_to(visit, now);
  if (answer.events.empty()) {
    Reply reply = mischief_reply(visit.fault.kind);
    if (visit.fault.kind == Mischief::kErrorIn200) reply.body = visit.dialect->error_in_200(broken);
    return reply;
  }
  strike(visit.fault.kind, answer.events, visit.dialect->error_event(broken));
  return Reply{.content_type = std::move(answer.content_type), .events = std::move(answer.events)};
}

bool Teacher::is_page(std::string_view method, std::string_view path) const {
  return method == "GET" || desk_.clerk_for(method, path) != nullptr;
}

Reply Teacher::page(const Call& call, const Moment& now) {
  if (BatchClerk* clerk = desk_.clerk_for(call.method, call.path)) {
    const Dialect& voice = clerk->voice();
    if (is_dead(conduct_.dead_times, call.endpoint, now.now)) return voice.reply(trouble_of_status(503));
    std::optional<Trouble> trouble = door(call, key_index(voice.identify(call)));
    return trouble ? voice.reply(*trouble) : desk_.serve(*clerk, call, now);
  }
  if (call.path == "/healthz") return Reply{.content_type = "text/plain", .body = "ok\n"};
  if (call.path == "/sim/stats") return Reply{.body = stats_json(now.now)};
  const Dialect& dialect = *dialects_.front();
  if (!call.path.ends_with("/models")) return dialect.reply(no_such_path(call.method, call.path));
  if (std::optional<Trouble> trouble = door(call, key_index(dialect.identify(call)))) return dialect.reply(*trouble);
  return model_list(conduct_.models);
}

const Dialect& Teacher::dialect_of(std::string_view path, bool& known) const {
  for (const auto& dialect : dialects_) {
    known = dialect->speaks(path);
    if (known) return *dialect;
  }
  return *dialects_.front();
}

int Teacher::key_index(const Identity& identity) const {
  if (identity.refused) return -1;
  if (conduct_.api_keys.empty() || identity.proven) return 0;
  const auto found = std::find(conduct_.api_keys.begin(), conduct_.api_keys.end(), identity.key);
  return found == conduct_.api_keys.end() ? -1 : static_cast<int>(found - conduct_.api_keys.begin());
}

std::optional<Trouble> Teacher::door(const Call& call, int key) const {
  const auto& failing = conduct_.failing_endpoints;
  if (std::find(failing.begin(), failing.end(), call.endpoint) != failing.end()) return trouble_of_status(503);
  if (key < 0) return wrong_key(call.credential.empty());
  if (conduct_.cut_off_after >= 0 && stats_.answered >= conduct_.cut_off_after) return cut_off(conduct_.cut_off_status);
  if (conduct_.billing_stop_after >= 0 && stats_.answered >= conduct_.billing_stop_after) return out_of_credit();
  return std::nullopt;
}

Fault Teacher::fault_for(const Question& question, Draw& draw) {
  const Fault drawn = draw_fault(conduct_.rates, draw);
  const std::optional<Marker> marker = conduct_.canned ? std::nullopt : find_marker(question.prompt);
  if (!marker) return drawn;
  if (marker->times == 0) return marker->fault;
  // Counted apart from asked_, which draws may not need.
  const std::uint64_t marked = mix(question.key ^ 0x6D61726BULL);
  return asked_[marked]++ < static_cast<std::uint32_t>(marker->times) ? marker->fault : Fault{};
}

}  // namespace teachersim
