#include "service/transport/shard_socket.h"

#include <curl/curl.h>
#include <sys/socket.h>

namespace harvest::transport {

using boost::asio::posix::stream_descriptor;

namespace {

/// So that it fails libcurl's check for life, which takes a socket with bytes left in it for a living one.
void make_dead(int descriptor) {
  ::shutdown(descriptor, SHUT_RDWR);
  char unwanted[4096];
  // Bounded: after the shutdown the kernel answers what still comes with a reset.
  for (int i = 0; i < 1024; ++i)
    if (::recv(descriptor, unwanted, sizeof unwanted, MSG_DONTWAIT) <= 0) return;
}

}  // namespace

ShardSocket::ShardSocket(boost::asio::io_context& lane, int descriptor, Owner& owner)
    : descriptor_(lane, descriptor), owner_(&owner), poll_(CURL_POLL_REMOVE) {}

bool ShardSocket::wants_read() const {
  return poll_ == CURL_POLL_IN || poll_ == CURL_POLL_INOUT;
}
bool ShardSocket::wants_write() const {
  return poll_ == CURL_POLL_OUT || poll_ == CURL_POLL_INOUT;
}

void ShardSocket::want(int curl_poll) {
  poll_ = curl_poll;
  if (wants_read() && !read_armed_) arm_read();
  if (wants_write() && !write_armed_) arm_write();
}

void ShardSocket::close() {
  owner_ = nullptr;
  descriptor_.release();
}

void ShardSocket::arm_read() {
  read_armed_ = true;
  descriptor_.async_wait(stream_descriptor::wait_read,
                         [self = shared_from_this()](const auto& error) { self->on_readable(error); });
}

void ShardSocket::arm_write() {
  write_armed_ = true;
  descriptor_.async_wait(stream_descriptor::wait_write,
                         [self = shared_from_this()](const auto& error) { self->on_writable(error); });
}

void ShardSocket::on_readable(const boost::system::error_code& error) {
  read_armed_ = false;
  if (owner_ == nullptr) return;
  if (poll_ == CURL_POLL_REMOVE) {
    // An idle connection became readable: the server closed it, or sent what nobody asked for, which must never be
    // taken for the answer to the next request.
    return make_dead(descriptor_.native_handle());
  }
  if (wants_read()) owner_->on_ready(descriptor_.native_handle(), error ? CURL_CSELECT_ERR : CURL_CSELECT_IN);
  if (owner_ != nullptr && !read_armed_ && (wants_read() || poll_ == CURL_POLL_REMOVE)) arm_read();
}

void ShardSocket::on_writable(const boost::system::error_code& error) {
  write_armed_ = false;
  if (owner_ == nullptr) return;
  if (wants_write()) owner_->on_ready(descriptor_.native_handle(), error ? CURL_CSELECT_ERR : CURL_CSELECT_OUT);
  if (owner_ != nullptr && !write_armed_ && wants_write()) arm_write();
}

}  // namespace harvest::transport
