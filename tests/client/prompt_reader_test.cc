#include "client/cpp/prompt_reader.h"

#include <catch2/catch.hpp>

#include "tests/client/prompt_files.h"

using namespace harvest::client;

TEST_CASE("bad lines are named by number and the others are read", "[client]") {
  const TempDir dir;
  const std::string path =
      dir.file("p.jsonl", "\xEF\xBB\xBF{\"prompt\":\"a\"}\r\n\r\n  \nnonsense\n{\"prompt\":\"b\"}");
  const ReadAll all = read_all({path});
  REQUIRE(all.status.ok());
  REQUIRE(all.prompts.size() == 2);
  CHECK(all.prompts[0].line() == 1);
  CHECK(all.prompts[0].file() == "p.jsonl");
  CHECK(all.prompts[1].line() == 5);
  CHECK(all.prompts[1].file().empty());
  REQUIRE(all.bad_lines.size() == 1);
  CHECK(all.bad_lines[0].find(path + ":4: is not JSON") == 0);
}

TEST_CASE("text files hold a prompt a line", "[client]") {
  const TempDir dir;
  const ReadAll all = read_all({dir.file("p.txt", "one\r\n\n {two} \n"), dir.file("q.txt.gz", gzipped("three"))});
  REQUIRE(all.prompts.size() == 3);
  CHECK(all.prompts[0].messages(0).content() == "one");
  CHECK(all.prompts[1].messages(0).content() == " {two} ");
  CHECK(all.prompts[1].line() == 3);
  CHECK(all.prompts[2].file() == "q.txt.gz");
  CHECK(read_all({dir.file("bad.txt", "ok\n\xff\xff\n")}).bad_lines.size() == 1);
  // A template needs fields, which plain text has none of.
  CHECK(read_all({dir.path("p.txt")}, "{{x}}").prompts.empty());
}

TEST_CASE("gzip and zstd are read whatever they are called and in several pieces", "[client]") {
  const TempDir dir;
  const std::string content = lines(30000);
  CHECK(read_all({dir.file("a.jsonl.gz", gzipped(content))}).prompts.size() == 30000);
  CHECK(read_all({dir.file("b.jsonl.zst", zstd_packed(content))}).prompts.size() == 30000);
  CHECK(read_all({dir.file("c.jsonl", gzipped(lines(3)) + gzipped(lines(4)))}).prompts.size() == 7);
  CHECK(read_all({dir.file("d.jsonl", zstd_packed(lines(3)) + zstd_packed(lines(4)))}).prompts.size() == 7);
  CHECK(read_all({dir.file("plain.gz", content)}).prompts.size() == 30000);
}

TEST_CASE("files that are cut short or corrupt are errors and not just shorter", "[client]") {
  const TempDir dir;
  const std::string gzip = gzipped(lines(30000));
  const std::string zstd = zstd_packed(lines(30000));
  CHECK(read_all({dir.file("a.gz", gzip.substr(0, gzip.size() / 2))}).status.message().find("cut short") !=
        absl::string_view::npos);
  CHECK(read_all({dir.file("b.zst", zstd.substr(0, zstd.size() / 2))}).status.message().find("cut short") !=
        absl::string_view::npos);
  std::string broken = gzip;
  broken[broken.size() / 2] = static_cast<char>(~broken[broken.size() / 2]);
  broken[broken.size() / 2 + 1] = static_cast<char>(~broken[broken.size() / 2 + 1]);
  CHECK_FALSE(read_all({dir.file("c.gz", broken)}).status.ok());
}

TEST_CASE("files that cannot be read are named before anything is read", "[client]") {
  const TempDir dir;
  const std::string good = dir.file("good.jsonl", lines(1));
  CHECK(read_all({good, dir.path("absent.jsonl")}).status.message() ==
        dir.path("absent.jsonl") + ": cannot be read: No such file or directory");
  CHECK(read_all({dir.path("")}).status.message().find("is a directory") != absl::string_view::npos);
  CHECK_FALSE(read_all({}).status.ok());
  CHECK_FALSE(read_all({"-", "-"}).status.ok());
  CHECK(read_all({dir.file("empty.jsonl", "")}).prompts.empty());
}

TEST_CASE("a line that is too long is passed over and the next is read", "[client]") {
  const TempDir dir;
  const std::string just_fits(LineSource::kLineBytesMax - 40, 'x');
  const std::string too_long(LineSource::kLineBytesMax + 1, 'y');
  const ReadAll all = read_all({dir.file(
      "p.jsonl", "{\"prompt\":\"" + just_fits + "\"}\n" + too_long + "\n{\"prompt\":\"after\"}\n" + too_long)});
  REQUIRE(all.prompts.size() == 2);
  CHECK(all.prompts[1].line() == 3);
  REQUIRE(all.bad_lines.size() == 2);
  CHECK(all.bad_lines[0].find(":2: found a line of more than 16 MiB") != std::string::npos);
  CHECK(all.bad_lines[1].find(":4: found a line of more than 16 MiB") != std::string::npos);
}
