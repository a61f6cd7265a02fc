// Prompts from tables and from pairs already held.
#include <catch2/catch.hpp>

#include "client/cpp/dataset_lines.h"
#include "client/cpp/prompt_line.h"
#include "tests/client/prompt_files.h"

using namespace harvest::client;

TEST_CASE("a CSV row is an object whose fields the header names", "[client][csv]") {
  const TempDir dir;
  const ReadAll all = read_all({dir.file("p.csv",
                                         "\xEF\xBB\xBFid,question,note\r\n"
                                         "1,\"What is 1,5 + \"\"2\"\"?\", spaced \r\n"
                                         "2,\"two\nlines\",\n"
                                         "3,short\n"
                                         "4,\"ünï\",x")},
                               "Solve: {{question}}");
  REQUIRE(all.status.ok());
  REQUIRE(all.prompts.size() == 3);
  CHECK(all.prompts[0].messages(0).content() == "Solve: What is 1,5 + \"2\"?");
  CHECK(all.prompts[0].fields_json() == R"({"id":"1","note":" spaced "})");
  CHECK(all.prompts[0].line() == 2);  // the header is row 1
  CHECK(all.prompts[1].messages(0).content() == "Solve: two\nlines");
  CHECK(all.prompts[1].line() == 3);
  CHECK(all.prompts[2].messages(0).content() == "Solve: ünï");
  REQUIRE(all.bad_lines.size() == 1);
  CHECK(all.bad_lines[0].find("p.csv:4: found 2 fields, expected 3 as the first row has") != std::string::npos);
}

TEST_CASE("CSV is read packed, and its own columns make a prompt without a template", "[client][csv]") {
  const TempDir dir;
  std::string rows = "prompt,custom_id\n";
  for (int i = 0; i < 20000; ++i) rows += "question " + std::to_string(i) + ",c" + std::to_string(i) + "\n";
  const ReadAll all = read_all({dir.file("p.csv.gz", gzipped(rows))});
  REQUIRE(all.prompts.size() == 20000);
  CHECK(all.prompts[19999].messages(0).content() == "question 19999");
  CHECK(all.prompts[19999].custom_id() == "c19999");
  CHECK(read_all({dir.file("q.csv.zst", zstd_packed(rows))}).prompts.size() == 20000);
  const ReadAll other = read_all({dir.file("r.csv", "question\nwhat\n")});
  REQUIRE(other.bad_lines.size() == 1);
  CHECK(other.bad_lines[0].find("--template 'text with {{question}}'") != std::string::npos);
}

TEST_CASE("a CSV file that cannot be read says why", "[client][csv]") {
  const TempDir dir;
  const auto says = [&](const std::string& content, const std::string& part) {
    const std::string said(read_all({dir.file("bad.csv", content)}, "{{a}}").status.message());
    INFO(said);
    CHECK(said.find("bad.csv:") != std::string::npos);
    CHECK(said.find(part) != std::string::npos);
  };
  says("", "found nothing, expected a row of column names");
  says("a,a\n1,2\n", "found two columns called 'a', expected one");
  says("a,\n1,2\n", "found a column without a name");
  says("a,b\n1,\"never closed\n", "is no CSV");
  says("a,b\n1,x\"y\"\n", "is no CSV");
  CHECK(read_all({dir.file("latin.csv", "a\n\xfc\n")}, "{{a}}").bad_lines.at(0).find(":2: a: is not UTF-8") !=
        std::string::npos);
}

TEST_CASE("datasets are written with the filter behind them", "[client][chain]") {
  CHECK_FALSE(DatasetPrompts::parse("prompts.jsonl"));
  CHECK(DatasetPrompts::parse("dataset:maths")->dataset == "maths");
  CHECK(DatasetPrompts::parse("dataset:maths")->where.empty());
  const auto chosen = DatasetPrompts::parse("dataset:maths where custom_id = ' where '");
  CHECK(chosen->dataset == "maths");
  CHECK(chosen->where == "custom_id = ' where '");
  CHECK(std::string(read_all({"dataset:maths"}).status.message()).find("found no template") != std::string::npos);
  CHECK(std::string(read_all({"dataset:maths"}, "{{answer}}").status.message()).find("cannot be read here") !=
        std::string::npos);
}

TEST_CASE("a pair's line has its answer, its prompt and its fields beside the record's columns", "[client][chain]") {
  const std::string record =
      R"({"record_id":"r_1","custom_id":"c","messages":[{"role":"system","content":"s"},{"role":"user","content":"1+1?"},)"
      R"({"role":"assistant","content":"\"2\""}],"fields_json":"{\"gold\":\"2\"}","finish_reason":"stop"})";
  const auto line = with_answer(record);
  REQUIRE(line.ok());
  PromptLine reader(*PromptTemplate::parse(
      "{{record_id}}: {{prompt}} {{answer}} {{fields.gold}} {{finish_reason}} {{messages.0.content}}"));
  std::string padded = *line;
  padded.reserve(padded.size() + 64);
  harvest::v1::Prompt prompt;
  REQUIRE_FALSE(reader.read_pair(padded, &prompt));
  CHECK(prompt.messages(0).content() == "r_1: 1+1? \"2\" 2 stop s");
  REQUIRE(prompt.parent_record_ids_size() == 1);
  CHECK(prompt.parent_record_ids(0) == "r_1");
  CHECK(prompt.custom_id() == "c");
  CHECK(prompt.fields_json() == R"({"gold":"2"})");
  CHECK_FALSE(with_answer("{}").ok());
  CHECK_FALSE(with_answer(R"({"messages":[]})").ok());
}
