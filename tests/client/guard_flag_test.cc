#include "client/cpp/guard_flag.h"

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>

namespace guard_flag_test {

using namespace harvest::client;
namespace v1 = harvest::v1;

namespace {

template <typename Message = v1::Job>
absl::StatusOr<Message> with(const std::string& written) {
  CLI::App app;
  GuardFlag flag;
  flag.add_to(app);
  std::vector<std::string> arguments;
  if (!written.empty()) arguments = {"--guard=" + written};
  app.parse(arguments);
  Message message;
  if (absl::Status status = flag.put_on(&message); !status.ok()) return status;
  return message;
}

std::string refusal(const std::string& written) {
  return std::string(with(written).status().message());
}

}  // namespace

TEST_CASE("a guard is written by its shares in percent or as parts", "[client]") {
  const auto job = with("refused=20%,truncated=0.5,empty=10%,duplicate=30%,window=500");
  REQUIRE(job.ok());
  CHECK(job->guard().refused_max() == 0.2);
  CHECK(job->guard().truncated_max() == 0.5);
  CHECK(job->guard().empty_max() == 0.1);
  CHECK(job->guard().duplicate_max() == 0.3);
  CHECK(job->guard().window_answers() == 500);
  CHECK(guard_text(job->guard()) == "refused=20%,truncated=50%,empty=10%,duplicate=30%,window=500");
}

TEST_CASE("what is not written is not watched and no flag leaves the guard as it is", "[client]") {
  CHECK(with("empty=1%")->guard().refused_max() == 0);
  CHECK_FALSE(with("")->has_guard());
  CHECK_FALSE(with<v1::RetuneJobRequest>("")->has_guard());
}

TEST_CASE("off is a guard that watches nothing", "[client]") {
  REQUIRE(with("off")->has_guard());
  CHECK(guard_text(with("off")->guard()).empty());
  CHECK(with<v1::RetuneJobRequest>("off")->has_guard());
}

TEST_CASE("what is wrong with a guard is said by the part that is wrong", "[client]") {
  CHECK(refusal("refused=120%") ==
        "--guard: found 'refused=120%', expected refused=SHARE with a share from 0% to 100%, like refused=20%");
  CHECK(refusal("refused=-1%").find("a share from 0% to 100%") != std::string::npos);
  CHECK(refusal("refused=nan").find("a share from 0% to 100%") != std::string::npos);
  CHECK(refusal("refused").find("a share from 0% to 100%") != std::string::npos);
  CHECK(refusal("refused=").find("a share from 0% to 100%") != std::string::npos);
  CHECK(refusal("rude=10%").find("found 'rude=10%', expected refused, truncated, empty, duplicate or window") !=
        std::string::npos);
  CHECK(refusal("refused=1%,refused=2%") == "--guard: found 'refused=2%', expected refused once");
  CHECK(refusal("window=19").find("window=N with N from 20 to 100000") != std::string::npos);
  CHECK(refusal("window=100001").find("window=N") != std::string::npos);
  CHECK(refusal("refused=10%,").find("refused, truncated") != std::string::npos);
  CHECK(refusal("off,refused=10%").find("or off alone") != std::string::npos);
}

}  // namespace guard_flag_test
