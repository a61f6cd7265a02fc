// Real sockets: libcurl as an honest client, bare sockets as the others.
#include "service/http/http_server.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "tests/http/fake_catalogue.h"

namespace harvest::http {
namespace {

using namespace std::chrono_literals;

struct Answer {
  CURLcode code = CURLE_OK;
  long status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

std::size_t keep_body(char* data, std::size_t, std::size_t size, void* into) {
  static_cast<Answer*>(into)->body.append(data, size);
  return size;
}

std::size_t keep_header(char* data, std::size_t, std::size_t size, void* into) {
  std::string line(data, size);
  const std::size_t colon = line.find(": ");
  if (colon != std::string::npos) {
    std::string name = line.substr(0, colon);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    static_cast<Answer*>(into)->headers[name] = line.substr(colon + 2, line.find_last_not_of("\r\n") - colon - 1);
  }
  return size;
}

/// A bare connection, for what libcurl would never send.
class Wire {
 public:
  explicit Wire(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval wait{.tv_sec = 10, .tv_usec = 0};  // a server that hangs fails the test, not the machine
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    open_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  ~Wire() { ::close(fd_); }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  bool say(const std::string& text) {
    return open_ && ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
  }
  /// Everything until the server ends the connection; nothing when it did not within ten seconds.
  std::optional<std::string> hear_all() {
    std::string heard;
    char piece[4096];
    for (;;) {
      const ssize_t got = ::recv(fd_, piece, sizeof piece, 0);
      if (got == 0) return heard;
      if (got < 0) return errno == ECONNRESET ? std::optional(heard) : std::nullopt;
      heard.append(piece, static_cast<std::size_t>(got));
    }
  }
  /// How many bytes come until the end; none is kept.
  uint64_t count_all() {
    std::vector<char> piece(1 << 18);
    uint64_t all = 0;
    for (;;) {
      const ssize_t got = ::recv(fd_, piece.data(), piece.size(), 0);
      if (got <= 0) return all;
      all += static_cast<uint64_t>(got);
    }
  }
  /// As much as comes with one read.
  std::string hear_some() {
    char piece[4096];
    const ssize_t got = ::recv(fd_, piece, sizeof piece, 0);
    return got > 0 ? std::string(piece, static_cast<std::size_t>(got)) : "";
  }

 private:
  int fd_;
  bool open_ = false;
};

/// A face over a fake catalogue whose shard lies in a folder of its own; its times are short.
struct FaceFixture {
  FaceFixture() {
    char name[] = "/tmp/harvest-http-XXXXXX";
    folder = ::mkdtemp(name);
    catalogue.shard_path = folder / "somewhere-else.bin";
    write_shard(catalogue.shard_bytes);
    options.header_time = 300ms;
    options.idle_time = 2000ms;
    options.drain_time = 1000ms;
  }
  ~FaceFixture() {
    server.reset();
    std::filesystem::remove_all(folder);
  }

  void write_shard(const std::string& bytes) {
    catalogue.shard_bytes = bytes;
    std::ofstream(catalogue.shard_path, std::ios::binary) << bytes;
  }
  void start() {
    auto started = HttpServer::start("127.0.0.1:0", catalogue.sources(), options);
    REQUIRE(started.ok());
    server = *std::move(started);
    REQUIRE(server->port() != 0);
  }
  Answer get(const std::string& target, const std::vector<std::string>& headers = {}, const char* method = "GET") {
    Answer answer;
    CURL* curl = curl_easy_init();
    const std::string url = "http://127.0.0.1:" + std::to_string(server->port()) + target;
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
    if (std::string_view(method) == "HEAD") {
      curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    } else {
      curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    }
    curl_slist* list = nullptr;
    for (const std::string& header : headers) list = curl_slist_append(list, header.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, keep_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer);
    answer.code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
    curl_slist_free_all(list);
    curl_easy_cleanup(curl);
    return answer;
  }
  std::string shard() const { return std::string("/v1/datasets/chat/shards/") + FakeCatalogue::kShard; }

  std::filesystem::path folder;
  FakeCatalogue catalogue;
  HttpOptions options;
  std::unique_ptr<HttpServer> server;
};

TEST_CASE_METHOD(FaceFixture, "a shard is pulled whole and by parts and again only when it changed", "[http]") {
  std::string bytes(300000, 'x');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 31 % 251);
  write_shard(bytes);
  start();
  const Answer whole = get(shard());
  CHECK(whole.status == 200);
  CHECK(whole.body == bytes);
  CHECK(whole.headers.at("content-length") == "300000");
  CHECK(whole.headers.at("accept-ranges") == "bytes");
  CHECK(whole.headers.count("content-encoding") == 0);
  CHECK(whole.headers.count("date") == 1);
  const std::string etag = whole.headers.at("etag");

  const Answer part = get(shard(), {"Range: bytes=100000-199999", "If-Range: " + etag});
  CHECK(part.status == 206);
  CHECK(part.body == bytes.substr(100000, 100000));
  CHECK(part.headers.at("content-range") == "bytes 100000-199999/300000");
  CHECK(get(shard(), {"Range: bytes=-7"}).body == bytes.substr(bytes.size() - 7));
  CHECK(get(shard(), {"Range: bytes=5-9", "If-Range: \"older\""}).body == bytes);
  CHECK(get(shard(), {"Accept-Encoding: gzip, zstd"}).headers.count("content-encoding") == 0);

  const Answer past = get(shard(), {"Range: bytes=300000-"});
  CHECK(past.status == 416);
  CHECK(past.headers.at("content-range") == "bytes */300000");
  const Answer unchanged = get(shard(), {"If-None-Match: " + etag});
  CHECK(unchanged.status == 304);
  CHECK(unchanged.body.empty());
  CHECK(unchanged.code == CURLE_OK);
  const Answer head = get(shard(), {}, "HEAD");
  CHECK(head.status == 200);
  CHECK(head.headers.at("content-length") == "300000");
  CHECK(head.headers.at("repr-digest").substr(0, 9) == "sha-256=:");
}

TEST_CASE_METHOD(FaceFixture, "no path in a URL reaches a file", "[http]") {
  std::ofstream(folder / "secret.txt") << "secret";
  start();
  for (const std::string& name : {std::string("../secret.txt"), std::string("..%2fsecret.txt"),
                                  std::string("%2e%2e/secret.txt"), std::string("somewhere-else.bin"),
                                  folder.string() + "/secret.txt", "%2f" + folder.string().substr(1) + "%2fsecret.txt",
                                  std::string("..\\secret.txt"), std::string("....//secret.txt")}) {
    const Answer answer = get("/v1/datasets/chat/shards/" + name);
    INFO(name << " " << answer.status);
    CHECK((answer.status == 404 || answer.status == 400));
    CHECK(answer.body.find("secret") == std::string::npos);
    CHECK(answer.headers.at("content-type") == "application/problem+json");
  }
}

TEST_CASE_METHOD(FaceFixture, "a shard that is not as catalogued is 503 and not a file of other bytes", "[http]") {
  start();
  std::filesystem::remove(catalogue.shard_path);
  CHECK(get(shard()).status == 503);
  CHECK(get(shard(), {}, "HEAD").status == 503);
  std::ofstream(catalogue.shard_path) << "shorter";
  CHECK(get(shard()).status == 503);
  std::filesystem::remove(catalogue.shard_path);
  std::ofstream(folder / "other.bin") << catalogue.shard_bytes;
  std::filesystem::create_symlink(folder / "other.bin", catalogue.shard_path);
  const Answer linked = get(shard());
  CHECK(linked.status == 503);
  CHECK(linked.headers.at("retry-after") == "5");
  CHECK(linked.body.find(folder.string()) == std::string::npos);
  server->stop();
  CHECK(catalogue.reported.size() == 4);
}

TEST_CASE_METHOD(FaceFixture, "a foreign Host and other methods are turned away", "[http]") {
  start();
  CHECK(get("/metrics", {"Host: evil.example"}).status == 421);
  CHECK(get("/metrics", {"Host: localhost"}).status == 200);
  const Answer post = get("/metrics", {"Content-Length: 5"}, "DELETE");
  CHECK(post.status == 405);
  CHECK(post.headers.at("allow") == "GET, HEAD");
  Wire two_hosts(server->port());
  two_hosts.say("GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
  CHECK(two_hosts.hear_all().value_or("").substr(0, 12) == "HTTP/1.1 400");
}

TEST_CASE_METHOD(FaceFixture, "a body is not read and the connection ends with the answer", "[http]") {
  start();
  Wire wire(server->port());
  // What looks like a second request is the first one's body.
  wire.say(
      "POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60\r\n\r\nGET /metrics HTTP/1.1\r\nHost: "
      "localhost\r\n\r\n");
  const std::string heard = wire.hear_all().value_or("hung");
  CHECK(heard.substr(0, 12) == "HTTP/1.1 405");
  CHECK(heard.find("harvest_build_info") == std::string::npos);
}

TEST_CASE_METHOD(FaceFixture, "requests in a row share a connection also when sent at once", "[http]") {
  start();
  Wire wire(server->port());
  wire.say(
      "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\nHEAD /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
      "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const std::string heard = wire.hear_all().value_or("hung");
  std::size_t answers = 0;
  for (std::size_t at = heard.find("HTTP/1.1 200"); at != std::string::npos; at = heard.find("HTTP/1.1 200", at + 1))
    ++answers;
  CHECK(answers == 3);
  CHECK(heard.find("harvest_build_info") != std::string::npos);
  CHECK(heard.find("harvest_build_info") == heard.rfind("harvest_build_info"));  // HEAD had no body
}

TEST_CASE_METHOD(FaceFixture, "a header that drips is cut in its time and others are served meanwhile", "[http]") {
  start();
  Wire slow(server->port());
  slow.say("GET /metrics HTTP/1.1\r\nHost: localhost\r\n");
  const auto began = std::chrono::steady_clock::now();
  CHECK(get("/livez").status == 200);
  bool alive = true;
  while (alive && std::chrono::steady_clock::now() - began < 5s) {
    std::this_thread::sleep_for(50ms);
    alive = slow.say("X-Drip: 1\r\n");
  }
  CHECK_FALSE(alive);
  CHECK(std::chrono::steady_clock::now() - began < 2s);
}

TEST_CASE_METHOD(FaceFixture, "garbage and endless headers get an answer and an end", "[http]") {
  start();
  Wire garbage(server->port());
  garbage.say("\x16\x03\x01 this is no HTTP\r\n\r\n");
  CHECK(garbage.hear_all().value_or("hung").substr(0, 12) == "HTTP/1.1 400");
  Wire endless(server->port());
  endless.say("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(40000, 'a') + "\r\n\r\n");
  const std::string heard = endless.hear_all().value_or("hung");
  INFO(heard);
  CHECK((heard.substr(0, 12) == "HTTP/1.1 431" || heard.substr(0, 12) == "HTTP/1.1 400"));
  CHECK(get("/livez").status == 200);
}

TEST_CASE_METHOD(FaceFixture, "an idle connection is closed in its time", "[http]") {
  options.idle_time = 200ms;
  start();
  Wire idle(server->port());
  CHECK(idle.hear_all() == "");
}

TEST_CASE_METHOD(FaceFixture, "one connection too many is closed and place is made when one leaves", "[http]") {
  options.connections_per_address_max = 2;
  start();
  Wire first(server->port());
  first.say("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(first.hear_some().substr(0, 12) == "HTTP/1.1 200");
  {
    Wire second(server->port());
    second.say("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(second.hear_some().substr(0, 12) == "HTTP/1.1 200");
    Wire third(server->port());
    third.say("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(third.hear_some().empty());
  }
  long status = 0;
  for (int i = 0; i < 100 && status != 200; ++i) {
    std::this_thread::sleep_for(10ms);
    status = get("/livez").status;
  }
  CHECK(status == 200);
}

TEST_CASE_METHOD(FaceFixture, "stop lets an answer under way end and closes the idle", "[http]") {
  write_shard(std::string(32 << 20, 'y'));
  options.drain_time = 10s;
  start();
  Wire idle(server->port());
  idle.say("HEAD /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(idle.hear_some().substr(0, 12) == "HTTP/1.1 200");
  Wire puller(server->port());
  puller.say("GET " + shard() + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  std::string heard = puller.hear_some();
  const auto began = std::chrono::steady_clock::now();
  std::thread stopper([this] { server->stop(); });
  CHECK(idle.hear_all() == "");
  heard += puller.hear_all().value_or("hung");
  stopper.join();
  CHECK(heard.size() - heard.find("\r\n\r\n") - 4 == catalogue.shard_bytes.size());
  CHECK(std::chrono::steady_clock::now() - began < 8s);
}

TEST_CASE_METHOD(FaceFixture, "stop cuts a reader that will not read", "[http]") {
  write_shard(std::string(32 << 20, 'y'));
  options.drain_time = 200ms;
  start();
  Wire puller(server->port());
  puller.say("GET " + shard() + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  puller.hear_some();
  const auto began = std::chrono::steady_clock::now();
  server->stop();
  CHECK(std::chrono::steady_clock::now() - began < 2s);
  server.reset();  // with the connection's frame still suspended
}

TEST_CASE("an address that cannot be listened on is named", "[http]") {
  FakeCatalogue catalogue;
  auto first = HttpServer::start("127.0.0.1:0", catalogue.sources());
  REQUIRE(first.ok());
  const std::string taken = "127.0.0.1:" + std::to_string((*first)->port());
  const auto second = HttpServer::start(taken, catalogue.sources());
  CHECK(second.status().code() == absl::StatusCode::kAlreadyExists);
  CHECK(std::string(second.status().message()).find(taken) != std::string::npos);
  (*first)->stop();
  CHECK(HttpServer::start(taken, catalogue.sources()).ok());  // free again at once

  CHECK(HttpServer::start("0.0.0.0:0", catalogue.sources()).status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(HttpServer::start("[::]:0", catalogue.sources()).status().code() == absl::StatusCode::kFailedPrecondition);
  for (const char* listen :
       {"", "7071", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:99999", "host.example:80"}) {
    INFO(listen);
    CHECK(HttpServer::start(listen, catalogue.sources()).status().code() == absl::StatusCode::kInvalidArgument);
  }
}

// Run by name.
TEST_CASE_METHOD(FaceFixture, "how fast one reader pulls", "[.bench]") {
  write_shard(std::string(512 << 20, 'z'));
  start();
  const auto speed = [](uint16_t port, const std::string& target) {
    Wire wire(port);
    const auto began = std::chrono::steady_clock::now();
    wire.say("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    const uint64_t bytes = wire.count_all();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    CHECK(bytes > (512u << 20));
    return static_cast<double>(bytes) / took.count() / 1e6;
  };
  // Another server with a file of that size, to measure against: HARVEST_BESIDE=PORT/PATH.
  const char* given = std::getenv("HARVEST_BESIDE");
  const std::string beside = given != nullptr ? given : "";
  for (int i = 0; i < 5; ++i) {
    WARN("ours " << speed(server->port(), shard()) << " MB/s");
    if (beside.empty()) continue;
    const uint16_t port = static_cast<uint16_t>(std::stoi(beside));
    WARN("beside " << speed(port, beside.substr(beside.find('/'))) << " MB/s");
  }
}

}  // namespace
}  // namespace harvest::http
