#include "client/cpp/share_flags.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "proto/text/mistake.h"

namespace harvest::client {
namespace {

constexpr char kCeilingFields[] =
    "requests_per_minute, input_tokens_per_minute, output_tokens_per_minute, tokens_per_minute, concurrency";

absl::Status flag_error(const char* flag, const std::string& found, const std::string& expected) {
  return absl::InvalidArgumentError(absl::StrCat(flag, ": found ", text::shown(found), ", expected ", expected));
}

v1::TeacherShare& share_of(const std::string& teacher, std::vector<v1::TeacherShare>* shares) {
  const auto known = std::find_if(shares->begin(), shares->end(),
                                  [&](const v1::TeacherShare& share) { return share.teacher() == teacher; });
  if (known != shares->end()) {
    return *known;
  }
  shares->emplace_back().set_teacher(teacher);
  return shares->back();
}

bool set_ceiling(const std::string& field, uint64_t value, v1::Limits* ceiling) {
  if (field == "requests_per_minute") {
    ceiling->set_requests_per_minute(value);
  } else if (field == "input_tokens_per_minute") {
    ceiling->set_input_tokens_per_minute(value);
  } else if (field == "output_tokens_per_minute") {
    ceiling->set_output_tokens_per_minute(value);
  } else if (field == "tokens_per_minute") {
    ceiling->set_tokens_per_minute(value);
  } else if (field == "concurrency") {
    ceiling->set_concurrency(value);
  } else {
    return false;
  }
  return true;
}

}  // namespace

void ShareFlags::add_to(CLI::App& command) {
  command.add_option("--weight", weight_, "share against the tenant's other jobs of this priority (default: 1)")
      ->check(CLI::Range(0.000001, 1000000.0));
  command.add_option("--concurrency", concurrency_, "at most so many attempts in flight (0: no bound of its own)");
  command
      .add_option(
          "--floor", floors_,
          "at least this part of what a teacher serves, like gpt=0.2; with --ceiling, all that is said of that teacher")
      ->type_name("TEACHER=PART")
      ->allow_extra_args(false);
  command
      .add_option("--ceiling", ceilings_,
                  "at most this much of a teacher, like gpt:requests_per_minute=100 or gpt:concurrency=8")
      ->type_name("TEACHER:LIMIT=N")
      ->allow_extra_args(false);
  command
      .add_option("--hedge", hedge_,
                  "ask a second time where an answer is slower than p99, and pay for both: for at most this part of "
                  "the attempts, like 0.01 (default: never)")
      ->type_name("PART")
      ->check(CLI::Range(0.0, 0.1));
}

absl::Status ShareFlags::read(std::vector<v1::TeacherShare>* shares) const {
  for (const std::string& written : floors_) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(written, absl::MaxSplits('=', 1));
    double floor = 0;
    if (parts.first.empty() || !absl::SimpleAtod(parts.second, &floor)) {
      return flag_error("--floor", written, "a teacher's name and a part from 0 to 0.99, like gpt=0.2");
    }
    share_of(parts.first, shares).set_floor(floor);
  }
  for (const std::string& written : ceilings_) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(written, absl::MaxSplits(':', 1));
    const std::pair<std::string, std::string> limit = absl::StrSplit(parts.second, absl::MaxSplits('=', 1));
    uint64_t value = 0;
    if (parts.first.empty() || !absl::SimpleAtoi(limit.second, &value)) {
      return flag_error("--ceiling", written,
                        "a teacher's name, a limit and a number, like gpt:requests_per_minute=100");
    }
    if (!set_ceiling(limit.first, value, share_of(parts.first, shares).mutable_ceiling())) {
      return flag_error("--ceiling", written, absl::StrCat("one of ", kCeilingFields));
    }
  }
  return absl::OkStatus();
}

template <typename Message>
absl::Status ShareFlags::put(Message* message) const {
  if (weight_) {
    message->set_weight(*weight_);
  }
  if (concurrency_) {
    message->set_concurrency(*concurrency_);
  }
  if (hedge_) {
    message->set_hedge_ratio_max(*hedge_);
  }
  std::vector<v1::TeacherShare> shares;
  if (absl::Status status = read(&shares); !status.ok()) {
    return status;
  }
  for (v1::TeacherShare& share : shares) {
    auto& all = *message->mutable_shares();
    const auto known = std::find_if(all.begin(), all.end(),
                                    [&](const v1::TeacherShare& other) { return other.teacher() == share.teacher(); });
    (known == all.end() ? *all.Add() : *known) = std::move(share);
  }
  return absl::OkStatus();
}

template absl::Status ShareFlags::put(v1::Job*) const;
template absl::Status ShareFlags::put(v1::RetuneJobRequest*) const;

}  // namespace harvest::client
