// Board, alerts and the operator's table name exactly the metrics that exist.
#include <catch2/catch.hpp>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "tests/observe/exercise.h"

namespace harvest::observe {
namespace {

using Names = std::set<std::string>;

std::string read(const std::string& path) {
  std::ifstream file(std::string(HARVEST_SOURCE_DIR "/") + path);
  INFO(path);
  REQUIRE(file.good());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// What a busy service exports: family names, and the names of their samples.
struct Exported {
  Names families, samples;
  Exported() {
    Metrics metrics("v");
    exercise(metrics, 1, 1, 1);
    std::istringstream text(metrics.text());
    for (std::string line; std::getline(text, line);) {
      if (line.rfind("# TYPE ", 0) == 0) {
        families.insert(line.substr(7, line.find(' ', 7) - 7));
      } else if (!line.empty() && line[0] != '#') {
        samples.insert(line.substr(0, line.find_first_of("{ ")));
      }
    }
  }
};

/// Metric names in a text: what begins as ours do. Labels (gen_ai_request_model, ...) begin so too, and are taken out.
Names named_in(const std::string& text) {
  static const std::regex kName("\\b(harvest|gen_ai_client)_[a-z_]+");
  Names names;
  for (std::sregex_iterator it(text.begin(), text.end(), kName), end; it != end; ++it) names.insert(it->str());
  return names;
}

TEST_CASE("every family is exported with help and a type", "[names]") {
  const Exported exported;
  CHECK(exported.families.size() == 37);
  for (const std::string& name : exported.families) {
    INFO(name);
    CHECK((name.rfind("harvest_", 0) == 0 || name.rfind("gen_ai_client_", 0) == 0));
  }
}

TEST_CASE("the board and the alerts name only samples that exist", "[names]") {
  const Exported exported;
  for (const char* path :
       {"deploy/grafana/harvest.json", "deploy/prometheus/alerts.yml", "deploy/prometheus/alerts_test.yml"}) {
    const Names names = named_in(read(path));
    CHECK(names.size() >= 8);
    for (const std::string& name : names) {
      INFO(path << " names " << name);
      CHECK(exported.samples.count(name) == 1);
    }
  }
}

TEST_CASE("the operator's table lists every family and no other", "[names]") {
  const Exported exported;
  const std::string text = read("deploy/README.md");
  static const std::regex kRow("\n\\| `([a-z_]+)` \\|");
  Names listed;
  for (std::sregex_iterator it(text.begin(), text.end(), kRow), end; it != end; ++it) listed.insert((*it)[1].str());
  CHECK(listed == exported.families);
}

TEST_CASE("every alert has a section in the operator's guide", "[names]") {
  const std::string alerts = read("deploy/prometheus/alerts.yml"), guide = read("deploy/README.md");
  static const std::regex kAlert("alert: (\\w+)");
  int found = 0;
  for (std::sregex_iterator it(alerts.begin(), alerts.end(), kAlert), end; it != end; ++it, ++found) {
    INFO((*it)[1].str());
    CHECK(guide.find("\n### " + (*it)[1].str() + "\n") != std::string::npos);
  }
  CHECK(found == 7);
}

}  // namespace
}  // namespace harvest::observe
