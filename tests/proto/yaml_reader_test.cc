#include "proto/text/yaml_reader.h"

#include <catch2/catch.hpp>

#include "harvest/v1/config.pb.h"
#include "harvest/v1/dataset.pb.h"
#include "harvest/v1/job.pb.h"

using harvest::text::Mistake;
using harvest::text::read_yaml;
using harvest::text::YamlReading;
namespace v1 = harvest::v1;

namespace {

/// All mistakes of a configuration text, as a person sees them.
std::vector<std::string> mistakes_of(const std::string& yaml) {
  v1::Config config;
  std::vector<std::string> texts;
  for (const Mistake& mistake : read_yaml(yaml, &config).mistakes) {
    texts.push_back(mistake.text("harvest.yaml"));
  }
  return texts;
}

const char kWhole[] = R"(data_dir: ./harvest-data
grpc: { listen: 127.0.0.1:7070 }
http: { listen: 127.0.0.1:7071 }
teachers:
  - name: qwen
    dialect: openai-chat
    endpoints: [http://127.0.0.1:8000/v1, http://127.0.0.1:8001/v1]   # interchangeable
    model: Qwen/Qwen2.5-7B-Instruct
    api_key: { env: QWEN_API_KEY }
    limits: { requests_per_minute: 500, input_tokens_per_minute: 200000, output_tokens_per_minute: 80000,
              requests_per_day: 100000, concurrency: 64, window_seconds: 60 }
    prices: { input_usd_per_mtok: 0.15, cached_input_usd_per_mtok: 0.03, output_usd_per_mtok: 0.60 }
    rights: { licence: Apache-2.0, permits: [training, evaluation], evidence: "LICENSE in the model repository",
              reviewed_by: data-governance, reviewed_on: 2026-11-20, expires_on: 2027-11-20 }
)";

}  // namespace

TEST_CASE("the whole configuration of the design is read", "[text]") {
  v1::Config config;
  const YamlReading reading = read_yaml(kWhole, &config);
  REQUIRE(reading.mistakes.empty());
  REQUIRE(config.teachers_size() == 1);
  const v1::Teacher& teacher = config.teachers(0);
  CHECK(teacher.endpoints_size() == 2);
  CHECK(teacher.api_key().env() == "QWEN_API_KEY");
  CHECK(teacher.limits().requests_per_day() == 100000);
  CHECK(teacher.prices().output_usd_per_mtok() == "0.60");
  CHECK(teacher.rights().permits(1) == v1::EVALUATION);
  CHECK(teacher.rights().reviewed_on() == "2026-11-20");
  CHECK(reading.place_of("teachers[0].rights.expires_on").line == 14);
  CHECK(reading.place_of("teachers[0].rights.obligations[3]").line == 13);
}

TEST_CASE("all mistakes are reported at once with their lines", "[text]") {
  const std::vector<std::string> mistakes = mistakes_of(
      "data_dirr: x\n"
      "grpc: 7070\n"
      "teachers:\n"
      "  - name: a\n"
      "    limits: { requests_per_minute: abc, concurrency: -1 }\n"
      "    endpoints: http://127.0.0.1\n"
      "    name: b\n"
      "    rights: { permits: [training, selling] }\n"
      "publish: { off: yes }\n");
  REQUIRE(mistakes.size() == 8);
  CHECK(mistakes[0] == "harvest.yaml:1:1: found the unknown field 'data_dirr', did you mean 'data_dir'?");
  CHECK(mistakes[1] == "harvest.yaml:2:7: grpc: found '7070', expected a mapping with listen, tls");
  CHECK(mistakes[2] ==
        "harvest.yaml:5:36: teachers[0].limits.requests_per_minute: found 'abc', expected a whole number from 0 to "
        "18446744073709551615");
  CHECK(mistakes[3].find("harvest.yaml:5:54: teachers[0].limits.concurrency: found '-1'") == 0);
  CHECK(mistakes[4].find("harvest.yaml:6:16: teachers[0].endpoints: found a single value ('http://127.0.0.1'), "
                         "expected a list") == 0);
  CHECK(mistakes[5] == "harvest.yaml:7:5: teachers[0].name: found a second time, expected once");
  CHECK(mistakes[6] ==
        "harvest.yaml:8:35: teachers[0].rights.permits[1]: found 'selling', expected one of training, evaluation");
  CHECK(mistakes[7] == "harvest.yaml:9:17: publish.off: found 'yes', expected true or false");
}

TEST_CASE("a secret is never echoed wherever it stands", "[text]") {
  const std::string secret = "sk-proj-abcdefghijklmnop123456";
  const std::vector<std::string> texts = {
      "teachers: [{ name: a, api_key: " + secret + " }]",
      "teachers: [{ name: a, api_key: [" + secret + "] }]",
      "teachers: [{ name: a, api_key: { " + secret + ": x } }]",
      "teachers: [{ name: a, api_key: { value: " + secret + " } }]",
      "teachers: [{ name: a, apikey: " + secret + " }]",
      "teachers: [{ name: a, limits: { concurrency: " + secret + " } }]",
      "teachers: [{ name: a, limits: { concurrency: 0123456789abcdef0123456789abcdef } }]",
      "teachers: [{ name: a, limits: { concurrency: Bearer " + secret + " } }]",
      "teachers: [{ name: a, timeouts: http://user:" + secret + "@127.0.0.1/ }]",
      secret,
  };
  for (const std::string& text : texts) {
    const std::vector<std::string> mistakes = mistakes_of(text);
    REQUIRE(mistakes.size() == 1);
    INFO(mistakes[0]);
    CHECK(mistakes[0].find("abcdef") == std::string::npos);
  }
  CHECK(mistakes_of(texts[0])[0].find("expected { env: NAME } or { file: PATH }") != std::string::npos);
}

TEST_CASE("a scalar may name a switch of the mapping it stands for", "[text]") {
  v1::Config config;
  REQUIRE(read_yaml("teachers: [{ prices: free }]\npublish: off\n", &config).mistakes.empty());
  CHECK(config.teachers(0).prices().free());
  CHECK(config.publish().off());
  CHECK(mistakes_of("teachers: [{ prices: cheap }]").size() == 1);
}

TEST_CASE("scalars are read as their field wants them and nothing is converted silently", "[text]") {
  v1::Job job;
  REQUIRE(read_yaml("sampling: { temperature: 0.7, seed: -3, stop: [a, 'b'], parallel_tool_calls: false }\n"
                    "max_cost_usd: 12.50\nask: spread\npriority: high\nsystem: |\n  two\n  lines\ntemplate: '{{q}}'\n"
                    "deadline:\n",
                    &job)
              .mistakes.empty());
  CHECK(job.sampling().temperature() == 0.7);
  CHECK(job.sampling().seed() == -3);
  CHECK(job.sampling().stop(1) == "b");
  CHECK(job.sampling().has_parallel_tool_calls());
  CHECK(job.max_cost_usd() == "12.50");
  CHECK(job.ask() == v1::SPREAD);
  CHECK(job.priority() == v1::HIGH);
  CHECK(job.system() == "two\nlines\n");
  CHECK(job.deadline().empty());
  for (const char* wrong : {"samples: 1.5", "samples: 1e3", "samples: '3'", "samples: 4294967296", "samples: 0x10",
                            "sampling: { temperature: .inf }", "sampling: { temperature: warm }", "fresh: True",
                            "teachers: [[a]]", "use: { purpose: purpose-unspecified }", "system: [a]"}) {
    INFO(wrong);
    CHECK(read_yaml(wrong, &job).mistakes.size() == 1);
  }
}

TEST_CASE("map fields are read with their keys", "[text]") {
  v1::Manifest manifest;
  REQUIRE(read_yaml("dropped: { refused: 3, empty: 1 }", &manifest).mistakes.empty());
  CHECK(manifest.dropped().at("refused") == 3);
  CHECK(read_yaml("dropped: { refused: 3, refused: 1 }", &manifest).mistakes.size() == 1);
  CHECK(read_yaml("dropped: { refused: many }", &manifest).mistakes.size() == 1);
}

TEST_CASE("what is not YAML is a mistake with its line", "[text]") {
  CHECK(mistakes_of("a: [1,\nb: }").at(0).find("harvest.yaml:2") == 0);
  CHECK(mistakes_of("- a\n- b\n").at(0).find("found a list") != std::string::npos);
  CHECK(mistakes_of("data_dir: a\n---\ndata_dir: b\n").at(0).find("second YAML document") != std::string::npos);
  CHECK(mistakes_of(std::string(100000, '[')).size() == 1);
  CHECK(mistakes_of("").empty());
  CHECK(mistakes_of("# only a comment\n").empty());
}
