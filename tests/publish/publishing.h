#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "storage/corpus/verify.h"
#include "tests/publish/store_fixture.h"

namespace harvest::publish {

/// Publishes with plain shards, so that a case can read them.
inline v1::View plain() {
  v1::View view;
  view.set_format("jsonl");
  return view;
}

/// A view of its own, of the pairs that pass.
inline v1::View where(const std::string& name, const std::string& filter) {
  v1::View view = plain();
  view.set_name(name);
  view.set_where(filter);
  return view;
}

inline corpus::VerifyReport verified(const v1::DatasetStatus& status, const std::string& view = kDefaultView) {
  corpus::VerifyReport report = corpus::verify_directory(
      status.directory(), view == kDefaultView ? "manifest.json" : "views/" + view + "/manifest.json");
  for (const corpus::Problem& problem : report.problems) UNSCOPED_INFO(problem.text());
  CHECK(report.ok());
  return report;
}

inline bool says(const absl::Status& status, std::string_view words) {
  INFO(status);
  return std::string(status.message()).find(words) != std::string::npos;
}

struct Ready : StoreFixture {
  Ready() {
    put(teacher("qwen"));
    put(teacher("llama"));
  }
};

}  // namespace harvest::publish
