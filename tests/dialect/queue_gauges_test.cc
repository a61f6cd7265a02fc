#include "service/dialect/registry/queue_gauges.h"

#include <catch2/catch.hpp>

#include "service/dialect/registry/registry.h"

namespace harvest::dialect {
namespace {

struct Server {
  explicit Server(const std::string& profile) {
    teacher.set_dialect("openai-chat");
    teacher.set_profile(profile);
    dialect = find_dialect("openai-chat");
  }
  std::optional<QueueGauges> read(std::string page, int status = 200) const {
    return read_queue_gauges(*dialect, teacher, {.status = status, .body = std::move(page)});
  }
  v1::Teacher teacher;
  const Dialect* dialect = nullptr;
};

}  // namespace

TEST_CASE("a server's gauges are read at its root, not behind its API's path", "[dialect]") {
  const Server vllm("vllm");
  const auto request = queue_gauges_request(*vllm.dialect, vllm.teacher);
  REQUIRE(request);
  CHECK(request->method == HttpRequest::Method::kGet);
  CHECK(request->path == "/metrics");
  CHECK(request->at_root);
  const Server hosted("openai");
  CHECK_FALSE(queue_gauges_request(*hosted.dialect, hosted.teacher));
}

TEST_CASE("the rows of all engines add up, and metrics that only begin alike are others", "[dialect]") {
  const auto gauges = Server("vllm").read(
      "# HELP vllm:num_requests_running Number of requests in model execution batches.\n"
      "# TYPE vllm:num_requests_running gauge\n"
      "vllm:num_requests_running{engine=\"0\",model_name=\"a}b\"} 4.0\n"
      "vllm:num_requests_running{engine=\"1\",model_name=\"m\"} 3\n"
      "vllm:num_requests_waiting{engine=\"0\",model_name=\"m\"} 2.0 1700000000000\r\n"
      "vllm:num_requests_waiting_by_reason{reason=\"capacity\"} 9\n");
  REQUIRE(gauges);
  CHECK(gauges->running == 7);
  CHECK(gauges->waiting == 2);
  const auto plain = Server("llama.cpp").read("llamacpp:requests_processing 1\nllamacpp:requests_deferred 5\n");
  REQUIRE(plain);
  CHECK(plain->running == 1);
  CHECK(plain->waiting == 5);
}

TEST_CASE("a page that does not tell both gauges tells nothing", "[dialect]") {
  const Server vllm("vllm");
  const std::string running = "vllm:num_requests_running 4\n", waiting = "vllm:num_requests_waiting ";
  CHECK(vllm.read(running + waiting + "0\n"));
  CHECK_FALSE(vllm.read(running));
  CHECK_FALSE(vllm.read(running + waiting + "NaN\n"));
  CHECK_FALSE(vllm.read(running + waiting + "-1\n"));
  CHECK_FALSE(vllm.read(running + waiting + "1e30\n"));
  CHECK_FALSE(vllm.read(running + waiting + "many\n"));
  CHECK_FALSE(vllm.read(running + "vllm:num_requests_waiting{engine=\"0\n"));
  CHECK_FALSE(vllm.read(running + waiting + "0\n", 404));
  CHECK_FALSE(vllm.read(""));
}

}  // namespace harvest::dialect
