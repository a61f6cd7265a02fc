// The plumbing over real sockets on loopback: connections, timing, and the ledger that is always ahead of the answer.
#include "tests/teachersim/server/server.h"

#include <stdlib.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

using namespace teachersim;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

std::string post(const std::string& prompt, const std::string& more_headers = "", bool stream = false) {
  const std::string body = R"({"model":"m","messages":[{"role":"user","content":")" + prompt + R"("}],"max_tokens":9)" +
                           (stream ? ",\"stream\":true}" : "}");
  return "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         more_headers + "\r\n" + body;
}

/// A running server with a ledger; stopped and removed at the end.
class Running {
 public:
  explicit Running(Conduct conduct, const std::string& ledger_path = "") {
    std::string pattern = (std::filesystem::temp_directory_path() / "teachersim-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    path_ = ledger_path.empty() ? (folder_ / "ledger").string() : ledger_path;
    std::string error;
    ledger_ = Ledger::open(path_, false, error);
    REQUIRE(ledger_ != nullptr);
    teacher_ = std::make_unique<Teacher>(std::move(conduct), ledger_.get(), 1);
    server_ = std::make_unique<Server>(io_, clock_, *teacher_, ledger_.get(), nullptr);
    REQUIRE(server_->listen("127.0.0.1", 0).empty());
    server_->start();
    port_ = server_->ports()[0];
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Running() {
    stop();
    std::filesystem::remove_all(folder_);
  }
  void stop() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

  bool ended() const { return io_.stopped(); }

  tcp::socket connect() {
    tcp::socket socket(client_);
    socket.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port_));
    return socket;
  }
  int ledger_lines(const std::string& event) const {
    std::ifstream file(path_);
    int count = 0;
    for (std::string line; std::getline(file, line);)
      count += line.find("\"event\":\"" + event + "\"") != std::string::npos;
    return count;
  }
  std::uint16_t port() const { return port_; }
  Server& server() { return *server_; }

 private:
  std::filesystem::path folder_;
  std::string path_;
  asio::io_context io_{1};
  asio::io_context client_;
  Clock clock_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<Teacher> teacher_;
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

void send(tcp::socket& socket, const std::string& text) {
  asio::write(socket, asio::buffer(text));
}

/// Reads until `count` answers were begun and the last is whole (they all end with a line feed), or the connection
/// ends.
std::string receive(tcp::socket& socket, int count, boost::system::error_code& error) {
  std::string text;
  char part[4096];
  auto begun = [&] {
    int seen = 0;
    for (std::size_t at = text.find("HTTP/1.1 2"); at != std::string::npos; at = text.find("HTTP/1.1 2", at + 1))
      ++seen;
    return seen;
  };
  while (begun() < count || !text.ends_with("}\n")) {
    const std::size_t bytes = socket.read_some(asio::buffer(part), error);
    text.append(part, bytes);
    if (error) break;
  }
  return text;
}

std::string receive(tcp::socket& socket, int count = 1) {
  boost::system::error_code error;
  return receive(socket, count, error);
}

std::string post_for_stream(const std::string& prompt) {
  return post(prompt, "", true);
}

/// Reads a chunked answer to its end, or to the end of the connection.
std::string receive_stream(tcp::socket& socket, boost::system::error_code& error) {
  std::string text;
  char part[4096];
  while (!text.ends_with("\r\n0\r\n\r\n") && !error) {
    text.append(part, socket.read_some(asio::buffer(part), error));
  }
  return text;
}

int count_of(const std::string& word, const std::string& text) {
  int count = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

bool eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 500; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

}  // namespace

TEST_CASE("a connection is kept for many requests and pipelined ones wait", "[server]") {
  Running running(Conduct{});
  tcp::socket socket = running.connect();
  for (int i = 0; i < 3; ++i) {
    send(socket, post("one"));
    CHECK(receive(socket).starts_with("HTTP/1.1 200 OK\r\n"));
  }
  send(socket, post("two") + post("three"));
  CHECK(receive(socket, 2).size() > 600);
  CHECK(running.ledger_lines("received") == 5);
}

TEST_CASE("whatever a client holds is in the ledger already", "[server]") {
  Running running(Conduct{.latency = {.base = 1ms}});
  tcp::socket socket = running.connect();
  for (int i = 1; i <= 50; ++i) {
    send(socket, post("prompt " + std::to_string(i)));
    receive(socket);
    REQUIRE(running.ledger_lines("answered") == i);
  }
}

TEST_CASE("a request arrives in any pieces", "[server]") {
  Running running(Conduct{});
  tcp::socket socket = running.connect();
  socket.set_option(tcp::no_delay(true));
  for (const char byte : post("piecemeal")) send(socket, std::string(1, byte));
  CHECK(receive(socket).starts_with("HTTP/1.1 200"));
}

TEST_CASE("a client that expects to be told to go on is told", "[server]") {
  Running running(Conduct{});
  tcp::socket socket = running.connect();
  const std::string whole = post("patient", "Expect: 100-continue\r\n");
  const std::size_t head = whole.find("\r\n\r\n") + 4;
  send(socket, whole.substr(0, head));
  char told[25];
  asio::read(socket, asio::buffer(told));
  CHECK(std::string(told, sizeof told) == "HTTP/1.1 100 Continue\r\n\r\n");
  send(socket, whole.substr(head));
  CHECK(receive(socket).starts_with("HTTP/1.1 200"));
}

TEST_CASE("answers come when they are due and not in the order of the questions", "[server]") {
  Running running(Conduct{.slow = 300ms});
  tcp::socket slow = running.connect();
  tcp::socket quick = running.connect();
  const auto start = std::chrono::steady_clock::now();
  send(slow, post("[sim:slow]"));
  send(quick, post("quick"));
  receive(quick);
  const auto quick_took = std::chrono::steady_clock::now() - start;
  receive(slow);
  const auto slow_took = std::chrono::steady_clock::now() - start;
  CHECK(slow_took >= 300ms);
  CHECK(quick_took < slow_took);
}

TEST_CASE("a reset cuts the body and is billed", "[server]") {
  Running running(Conduct{});
  tcp::socket socket = running.connect();
  send(socket, post("[sim:reset]"));
  boost::system::error_code error;
  const std::string text = receive(socket, 1, error);
  CHECK(error == asio::error::connection_reset);
  CHECK_FALSE(text.ends_with("}\n"));
  CHECK(running.ledger_lines("answered") == 1);
}

TEST_CASE("a truncated answer ends in order and a vanished one without a byte", "[server]") {
  Running running(Conduct{});
  for (const bool vanished : {false, true}) {
    tcp::socket socket = running.connect();
    send(socket, post(vanished ? "[sim:vanish]" : "[sim:truncate]"));
    boost::system::error_code error;
    const std::string text = receive(socket, 1, error);
    CHECK(error == asio::error::eof);
    CHECK(text.empty() == vanished);
    CHECK_FALSE(text.ends_with("}\n"));
  }
  CHECK(running.ledger_lines("answered") == 2);
}

TEST_CASE("a stall ends after its time without an answer", "[server]") {
  Running running(Conduct{.stall = 200ms});
  tcp::socket socket = running.connect();
  const auto start = std::chrono::steady_clock::now();
  send(socket, post("[sim:stall]"));
  boost::system::error_code error;
  CHECK(receive(socket, 1, error).empty());
  CHECK(error == asio::error::eof);
  CHECK(std::chrono::steady_clock::now() - start >= 200ms);
  CHECK(running.ledger_lines("failed") == 1);
}

TEST_CASE("an answer whose client has left is billed all the same", "[server]") {
  Running running(Conduct{.latency = {.base = 100ms}});
  {
    tcp::socket socket = running.connect();
    send(socket, post("gone"));
    REQUIRE(eventually([&] { return running.ledger_lines("received") == 1; }));
  }
  CHECK(eventually([&] { return running.ledger_lines("answered") == 1; }));
  tcp::socket next = running.connect();
  send(next, post("still there"));
  CHECK(receive(next).starts_with("HTTP/1.1 200"));
}

TEST_CASE("an answer that cannot be booked is not sent", "[server]") {
  Running running(Conduct{}, "/dev/full");
  tcp::socket socket = running.connect();
  send(socket, post("unbooked"));
  CHECK(eventually([&] { return running.ended(); }));
  running.stop();
  CHECK(socket.available() == 0);
  CHECK(running.server().failure().find("No space left") != std::string::npos);
}

TEST_CASE("a port in use and an address that is none are told", "[server]") {
  Running running(Conduct{});
  running.stop();
  CHECK(running.server().listen("127.0.0.1", running.port()).find("Address already in use") != std::string::npos);
  CHECK(running.server().listen("teacher", 80).find("not an IP address") != std::string::npos);
}

TEST_CASE("what is not HTTP is refused and the connection closed", "[server]") {
  Running running(Conduct{});
  tcp::socket socket = running.connect();
  send(socket, "nonsense\r\n\r\n");
  boost::system::error_code error;
  CHECK(receive(socket, 1, error).starts_with("HTTP/1.1 400"));
  CHECK(error == asio::error::eof);
}

TEST_CASE("a stream comes in a chunk an event and the connection is kept", "[server]") {
  Running running(Conduct{});
  tcp::socket socket = running.connect();
  for (int i = 0; i < 2; ++i) {
    send(socket, post_for_stream("flow"));
    boost::system::error_code error;
    const std::string text = receive_stream(socket, error);
    CHECK_FALSE(error);
    CHECK(text.find("content-type: text/event-stream\r\n") != std::string::npos);
    CHECK(text.find("transfer-encoding: chunked\r\n") != std::string::npos);
    CHECK(text.find("content-length") == std::string::npos);
    CHECK(count_of("\r\ndata: {", text) == 1 + 3 + 1);  // the role, 36 bytes of text, the end
    CHECK(text.ends_with("\r\ne\r\ndata: [DONE]\n\n\r\n0\r\n\r\n"));
  }
  CHECK(running.ledger_lines("answered") == 2);
}

TEST_CASE("a gap separates the events of a stream", "[server]") {
  Running running(Conduct{.event_gap = 20ms});
  tcp::socket socket = running.connect();
  const auto start = std::chrono::steady_clock::now();
  send(socket, post_for_stream("drip"));
  boost::system::error_code error;
  const std::string text = receive_stream(socket, error);
  CHECK(std::chrono::steady_clock::now() - start >= 5 * 20ms);
  CHECK(text.ends_with("data: [DONE]\n\n\r\n0\r\n\r\n"));
}

TEST_CASE("a stream whose client leaves between two events is billed and forgotten", "[server]") {
  Running running(Conduct{.event_gap = 50ms});
  {
    tcp::socket socket = running.connect();
    send(socket, post_for_stream("gone"));
    char part[64];
    socket.read_some(asio::buffer(part));
  }
  CHECK(eventually([&] { return running.ledger_lines("answered") == 1; }));
  tcp::socket next = running.connect();
  send(next, post("still there"));
  CHECK(receive(next).starts_with("HTTP/1.1 200"));
}

TEST_CASE("a stream is reset or ended or held in its middle", "[server]") {
  Running running(Conduct{.stall = 200ms});
  for (const std::string word : {"reset", "truncate", "stall"}) {
    INFO(word);
    tcp::socket socket = running.connect();
    const auto start = std::chrono::steady_clock::now();
    send(socket, post_for_stream("[sim:" + word + "]"));
    boost::system::error_code error;
    const std::string text = receive_stream(socket, error);
    CHECK(error == (word == "reset" ? boost::system::error_code(asio::error::connection_reset)
                                    : boost::system::error_code(asio::error::eof)));
    if (word != "reset") CHECK(count_of("\r\ndata: {", text) == 3);  // a reset may outrun what was sent
    CHECK(text.find("[DONE]") == std::string::npos);
    CHECK_FALSE(text.ends_with("\r\n0\r\n\r\n"));
    if (word == "stall") CHECK(std::chrono::steady_clock::now() - start >= 200ms);
  }
  CHECK(running.ledger_lines("answered") == 2);
  CHECK(running.ledger_lines("failed") == 1);
}

TEST_CASE("a stream can end as HTTP ends it but without its own end", "[server]") {
  Running running(Conduct{});
  tcp::socket socket = running.connect();
  send(socket, post_for_stream("[sim:cut]"));
  boost::system::error_code error;
  const std::string text = receive_stream(socket, error);
  CHECK_FALSE(error);
  CHECK(text.find("[DONE]") == std::string::npos);
  CHECK(text.ends_with("\r\n0\r\n\r\n"));
}

TEST_CASE("a batch ends and is billed although nobody asks for it", "[server]") {
  Running running(Conduct{.batches = {.takes = 100ms}});
  tcp::socket socket = running.connect();
  const std::string job =
      R"({"model":"m","endpoint":"/v1/chat/completions","requests":[{"body":{"messages":[{"role":"user","content":"x"}]}}]})";
  send(socket,
       "POST /v1/batch/jobs HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(job.size()) + "\r\n\r\n" + job);
  char part[1024];
  const std::size_t bytes = socket.read_some(asio::buffer(part));
  CHECK(std::string_view(part, bytes).starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(running.ledger_lines("batch") == 1);
  CHECK(running.ledger_lines("received") == 1);
  CHECK(eventually([&] { return running.ledger_lines("answered") == 1; }));
}
