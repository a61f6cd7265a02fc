#include "tests/teachersim/server/agenda.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>

namespace teachersim {
namespace {

bool later(const Due& a, const Due& b) {
  return a.at != b.at ? a.at > b.at : a.order > b.order;
}

}  // namespace

Agenda::Agenda(boost::asio::io_context& io, std::function<void(Due)> on_due) : timer_(io), on_due_(std::move(on_due)) {}

void Agenda::add(std::chrono::steady_clock::time_point at, std::shared_ptr<Session> session,
                 std::unique_ptr<Visit> visit) {
  const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(at.time_since_epoch());
  const std::chrono::steady_clock::time_point when(rounded);
  heap_.push_back(Due{when, order_++, std::move(session), std::move(visit)});
  std::push_heap(heap_.begin(), heap_.end(), later);
  if (heap_.front().at < armed_for_) arm();
}

void Agenda::arm() {
  armed_for_ = heap_.front().at;
  timer_.expires_at(armed_for_);  // cancels the wait before, if any
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) on_timer();
  });
}

void Agenda::on_timer() {
  armed_for_ = std::chrono::steady_clock::time_point::max();
  const auto now = std::chrono::steady_clock::now();
  while (!heap_.empty() && heap_.front().at <= now) {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    Due due = std::move(heap_.back());
    heap_.pop_back();
    on_due_(std::move(due));
  }
  if (!heap_.empty() && heap_.front().at < armed_for_) arm();
}

}  // namespace teachersim
