#include "service/transport/socket_watch.h"

#include <curl/curl.h>

namespace harvest::transport {

using boost::asio::posix::stream_descriptor;

SocketWatch::SocketWatch(boost::asio::io_context& lane, int descriptor, Owner& owner)
    : descriptor_(lane, descriptor), owner_(&owner), poll_(CURL_POLL_REMOVE) {}

bool SocketWatch::wants_read() const {
  return poll_ == CURL_POLL_IN || poll_ == CURL_POLL_INOUT;
}
bool SocketWatch::wants_write() const {
  return poll_ == CURL_POLL_OUT || poll_ == CURL_POLL_INOUT;
}

void SocketWatch::want(int curl_poll) {
  poll_ = curl_poll;
  if (wants_read() && !read_armed_) arm_read();
  if (wants_write() && !write_armed_) arm_write();
}

void SocketWatch::close() {
  owner_ = nullptr;
  descriptor_.release();
}

void SocketWatch::arm_read() {
  read_armed_ = true;
  descriptor_.async_wait(stream_descriptor::wait_read,
                         [self = shared_from_this()](const auto& error) { self->on_readable(error); });
}

void SocketWatch::arm_write() {
  write_armed_ = true;
  descriptor_.async_wait(stream_descriptor::wait_write,
                         [self = shared_from_this()](const auto& error) { self->on_writable(error); });
}

void SocketWatch::on_readable(const boost::system::error_code& error) {
  read_armed_ = false;
  if (owner_ == nullptr) return;
  if (wants_read()) owner_->on_ready(descriptor_.native_handle(), error ? CURL_CSELECT_ERR : CURL_CSELECT_IN);
  if (owner_ != nullptr && !read_armed_ && wants_read()) arm_read();
}

void SocketWatch::on_writable(const boost::system::error_code& error) {
  write_armed_ = false;
  if (owner_ == nullptr) return;
  if (wants_write()) owner_->on_ready(descriptor_.native_handle(), error ? CURL_CSELECT_ERR : CURL_CSELECT_OUT);
  if (owner_ != nullptr && !write_armed_ && wants_write()) arm_write();
}

}  // namespace harvest::transport
