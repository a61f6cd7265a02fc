// Real prompt files, where they lie beside the checkout. Skipped, and said so, where they do not.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "tests/client/prompt_files.h"

using namespace harvest::client;

namespace {

/// The file's path, or nothing with a warning.
std::string real_file(const std::string& name) {
  const auto path = std::filesystem::path(HARVEST_ROOT).parent_path() / "shared" / "data" / "prompts" / name;
  if (std::filesystem::exists(path)) {
    return path.string();
  }
  // tests/run.sh --all, which must not pass for want of what it tests with.
  if (std::getenv("HARVEST_NEED_REAL_PROMPTS") != nullptr) {
    FAIL(path.string() << " is not there");
  }
  WARN("skipped: " << path.string() << " is not there");
  return "";
}

}  // namespace

TEST_CASE("questions of a real dataset are read with a template", "[client]") {
  const std::string path = real_file("gsm8k-train.jsonl");
  if (path.empty()) {
    return;
  }
  const ReadAll read = read_all({path}, "Solve: {{question}}");
  REQUIRE(read.status.ok());
  CHECK(read.bad_lines.empty());
  REQUIRE(read.prompts.size() == 7473);
  CHECK(read.prompts[0].messages(0).content().find("Solve: Natalia sold clips") == 0);
  CHECK(read.prompts[0].fields_json().find("\"answer\"") != std::string::npos);
}

TEST_CASE("real tasks without a prompt field are named line by line until a template says what to ask", "[client]") {
  const std::string path = real_file("self-instruct-seed-tasks.jsonl");
  if (path.empty()) {
    return;
  }
  CHECK(read_all({path}).bad_lines.size() == 175);
  const ReadAll read = read_all({path}, "{{instruction}}");
  CHECK(read.bad_lines.empty());
  CHECK(read.prompts.size() == 175);
}

TEST_CASE("real conversations of two turns are read whole, and their first turn can be asked alone", "[client]") {
  const std::string path = real_file("mt-bench-questions.jsonl");
  if (path.empty()) {
    return;
  }
  const ReadAll whole = read_all({path});
  CHECK(whole.bad_lines.empty());
  REQUIRE(whole.prompts.size() == 80);
  CHECK(whole.prompts[0].messages(0).content().find("Compose an engaging travel blog post") == 0);
  for (const harvest::v1::Prompt& prompt : whole.prompts) CHECK(prompt.later_turns_size() == 1);
  const ReadAll first = read_all({path}, "{{turns.0}}");
  CHECK(first.bad_lines.empty());
  REQUIRE(first.prompts.size() == 80);
  CHECK(first.prompts[0].messages(0).content().find("Compose an engaging travel blog post") == 0);
}
