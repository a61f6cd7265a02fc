#pragma once

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>

#include "service/transport/origin.h"
#include "service/transport/request_head.h"
#include "service/transport/response_reader.h"
#include "service/transport/socket_watch.h"
#include "service/transport/transfer.h"

namespace harvest::transport {

/// One kept HTTP/1.1 connection to one endpoint. libcurl makes it (names, addresses, proxy, TLS and its verification:
/// CURLOPT_CONNECT_ONLY) and carries its bytes; what is said over it is ours: a request is written once, whole, and its
/// response read by ResponseReader. So nothing can be sent a second time behind our back (libcurl's own HTTP repeats a
/// POST whose kept connection died), and a request costs two system calls where libcurl's needs four.
///
///     spare ─ open() ─▶ connecting ─ on_connected() ─▶ idle ◀─▶ busy ─ close() ─▶ spare
///
/// Owned by a connector; its lane's thread only.
class Connection final : public SocketWatch::Owner {
 public:
  /// Whom it reports to: its site. Within these calls the connection may be closed or given another transfer.
  class Sink {
   public:
    /// Its transfer has ended; it is idle, or closed where it cannot be used again.
    virtual void on_ended(Connection& connection, TransferPtr transfer) = 0;
    /// It went while it was idle, and is closed.
    virtual void on_gone(Connection& connection) = 0;

   protected:
    ~Sink() = default;
  };

  Connection(boost::asio::io_context& lane, const EndpointOptions& endpoint, const Origin& origin, CURLSH* share,
             CURLM* multi, Sink& sink);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  enum class State : uint8_t { kSpare, kConnecting, kIdle, kBusy };
  State state() const { return state_; }
  std::chrono::nanoseconds idle_since() const { return since_; }
  const Transfer* transfer() const { return transfer_.get(); }
  /// libcurl has closed the socket from under us: it looks after kept connections whenever it makes a new one.
  bool lost() const { return socket_ < 0; }
  /// Has its transfer's first byte come?
  bool answering() const { return reader_.started(); }

  static Connection& of(CURL* curl);
  /// Begins to connect; its connector drives it.
  CURLMcode open();
  /// libcurl has connected it.
  void on_connected(std::chrono::nanoseconds now);
  /// Why it could not be connected; closes it.
  std::string on_failed(CURLcode code);
  /// Sends; the connection must be idle.
  void begin(TransferPtr transfer);
  /// Ends what is under way, unanswered: the answer may still come, so the connection goes.
  TransferPtr give_up(dialect::WireError error, std::string text);
  /// An idle connection: nothing came over it that nobody asked for, and the server has not left.
  bool alive();
  void close();

 private:
  struct Received {
    enum class Kind : uint8_t { kBytes, kNothingYet, kClosed } kind;
    std::string_view bytes;
  };

  void set_options(CURLSH* share);
  template <typename Value>
  void set(CURLoption option, Value value);
  void on_ready(int descriptor, int events) override;
  void write();
  void read();
  /// A piece of a stream has come.
  void note_mark();
  Received receive();
  void finish(dialect::WireError error, std::string text);
  void detach();
  static int on_close_socket(void* self, curl_socket_t descriptor);

  boost::asio::io_context& lane_;
  const EndpointOptions& endpoint_;
  const Origin& origin_;
  CURLM* multi_;
  Sink& sink_;
  CURL* curl_;
  State state_ = State::kSpare;
  int socket_ = -1;
  std::shared_ptr<SocketWatch> watch_;
  std::chrono::nanoseconds since_{};  ///< idle since
  bool used_ = false;                 ///< has carried an exchange
  bool sent_ = false;                 ///< a byte of the request may have left
  TransferPtr transfer_;
  std::string wire_;  ///< what is to be sent, until it is
  size_t written_ = 0;
  ResponseReader reader_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
};

}  // namespace harvest::transport
