#include "tests/teachersim/server/feed.h"

#include "tests/teachersim/server/http_response.h"

namespace teachersim {

Feed::Feed(Delivery delivery, bool keep_alive)
    : head_(http_response(delivery, keep_alive)), gap_(delivery.event_gap), manner_(delivery.manner), done_(false) {
  events_ = std::move(delivery.reply.events);
  // The head and a part of the body: a client must not mistake it for a whole answer.
  if (events_.empty() && manner_ != Manner::kWhole) head_.resize(head_.size() - delivery.reply.body.size() / 2 - 1);
}

std::string Feed::next() {
  std::string portion = std::move(head_);
  head_.clear();
  if (events_.empty()) {
    done_ = true;
    return portion;
  }
  const std::size_t until = gap_ > limits::Time::zero() ? sent_ + 1 : events_.size();
  constexpr std::size_t kFrame = 16;  // of a chunk, at the most
  std::size_t size = portion.size() + kFrame;
  for (std::size_t i = sent_; i < until; ++i) size += events_[i].size() + kFrame;
  portion.reserve(size);
  for (; sent_ < until; ++sent_) append_chunk(portion, events_[sent_]);
  done_ = sent_ == events_.size();
  if (done_ && manner_ == Manner::kWhole) append_chunk(portion, "");  // a stream that is cut lacks its end
  return portion;
}

}  // namespace teachersim
