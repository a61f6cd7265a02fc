#include "storage/corpus/log_entry.h"

#include <catch2/catch.hpp>

using namespace harvest;
using namespace harvest::corpus;

TEST_CASE("the entry of a pair is that of the published vector", "[corpus]") {
  const unsigned char commit[] = {0x6a, 0x4c, 0x68, 0xcf, 0x40, 0x2f, 0xaa, 0x2e, 0x72, 0x70, 0x42,
                                  0x05, 0x17, 0xd3, 0x08, 0x79, 0xa9, 0x34, 0xd2, 0x3e, 0xbd, 0xb4,
                                  0x49, 0xfd, 0xcf, 0xc2, 0xb0, 0x43, 0xd1, 0x7f, 0x1a, 0x7e};
  CHECK(
      record_entry({reinterpret_cast<const char*>(commit), sizeof commit}, "LicenseRef-acme-2026", "01J", "acme/t1") ==
      R"({"commit":"sha256:6a4c68cf402faa2e7270420517d30879a934d23ebdb449fdcfc2b043d17f1a7e","licence":"LicenseRef-acme-2026","op":"record","record_id":"01J","teacher":"acme/t1"})");
}

TEST_CASE("a text that is too long for the log stands as its hash", "[corpus]") {
  const std::string endless(100'000, '"');
  const std::string entry = record_entry(std::string(32, 'c'), endless, "r_1", "t0");
  CHECK(entry.find("\"licence\":\"" + tagged(sha256(endless)) + "\"") != std::string::npos);
  const std::string just(kLoggedTextBytesMax, '\x01');
  CHECK(record_entry(std::string(32, 'c'), just, just, just).size() < 65'535);
}

TEST_CASE("a policy's entry names terms and purposes and nobody", "[corpus]") {
  v1::Rights rights;
  rights.set_licence("Apache-2.0");
  rights.add_permits(v1::TRAINING);
  rights.add_permits(v1::EVALUATION);
  rights.set_reviewed_by("Ana");
  rights.set_evidence("as agreed with Ben");
  rights.set_terms_sha256("ab12");
  rights.set_expires_on("2027-11-20");
  rights.set_self_attested(true);
  rights.set_version(3);
  CHECK(
      policy_entry("qwen", rights) ==
      R"({"expires_on":"2027-11-20","licence":"Apache-2.0","op":"policy","purposes":["evaluation","training"],"self_attested":true,"teacher":"qwen","terms_sha256":"ab12","version":3})");
}
