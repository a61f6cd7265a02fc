#include "service/quality/labels/personal_data.h"

#include <catch2/catch.hpp>

#include "service/quality/labels/checksums.h"
#include "tests/quality/labels/judging.h"

using namespace harvest;
using namespace harvest::quality;

namespace {

/// "email:ana@mail.org" for each, joined by a space.
std::string found(const std::string& text) {
  std::string all;
  for (const PersonalDatum& datum : find_personal_data(text)) {
    if (!all.empty()) all += ' ';
    all += std::string(datum.rule) + ':' + text.substr(datum.begin, datum.end - datum.begin);
  }
  return all;
}

}  // namespace

TEST_CASE("e-mail addresses are found, and what only looks like one is not", "[labels]") {
  CHECK(found("Write to ana.b+c@mail.example.org, please.") == "email:ana.b+c@mail.example.org");
  CHECK(found("a@b and @decorator and x @ y.com").empty());
}

TEST_CASE("public IPv4 addresses are found, private ones and version numbers of five parts are not", "[labels]") {
  CHECK(found("ping 8.8.8.8.") == "ipv4:8.8.8.8");
  CHECK(found("10.0.0.1 127.0.0.1 192.168.3.4 172.20.0.1 169.254.1.1 100.64.0.1 203.0.113.9 224.0.0.1").empty());
  CHECK(found("256.1.1.1 and 1.2.3.4.5 and 1.2.3 and v08.8.8.8").empty());
}

TEST_CASE("cards and IBANs are found by their checksums", "[labels]") {
  CHECK(found("pay with 4111 1111 1111 1111 now") == "card:4111 1111 1111 1111");
  CHECK(found("or 378282246310005") == "card:378282246310005");
  CHECK(found("4111 1111 1111 1112 is none, nor 0.4111111111111111").empty());
  CHECK(found("to DE89 3704 0044 0532 0130 00 THEN GO") == "iban:DE89 3704 0044 0532 0130 00");
  CHECK(found("GB82WEST12345698765432") == "iban:GB82WEST12345698765432");
  CHECK(found("GB82WEST12345698765433").empty());
  CHECK(passes_luhn("79927398713"));
  CHECK_FALSE(passes_luhn("79927398710"));
  CHECK_FALSE(passes_iban("GB82"));
}

TEST_CASE("phone numbers are found, sums are not", "[labels]") {
  CHECK(found("call +49 30 1234567 or (212) 555-0147 or 212-555-0147") ==
        "phone:+49 30 1234567 phone:(212) 555-0147 phone:212-555-0147");
  CHECK(found("5+1000000000 = 1000000005, and 100 - 200 - 3000").empty());
  CHECK(found("In 2024, 1234567890 people; 48 + 24 = 72; 3.14159265358979").empty());
}

TEST_CASE("keys are found by their prefixes", "[labels]") {
  // Put together here, so that no scanner takes this file for one that leaks.
  const std::string key = "sk-" + times("Ab1", 10), hub = "ghp_" + times("x9", 18), cloud = "AKIA" + times("Q2", 8);
  CHECK(found(key) == "secret:" + key);
  CHECK(found("token " + hub + " end") == "secret:" + hub);
  CHECK(found(cloud) == "secret:" + cloud);
  CHECK(found("-----BEGIN RSA PRIVATE"
              " KEY-----") ==
        "secret:-----BEGIN RSA PRIVATE"
        " KEY-----");
  CHECK(found("a task-force, sk-learn, AKIA").empty());
}

TEST_CASE("several kinds are told from left to right, none within another", "[labels]") {
  CHECK(found("8.8.4.4 ana@mail.org +49 30 1234567") == "ipv4:8.8.4.4 email:ana@mail.org phone:+49 30 1234567");
  // The digits of a card are no phone number, and any bytes may stand around.
  CHECK(found("\xff\xfe 4111-1111-1111-1111 \x80") == "card:4111-1111-1111-1111");
}

TEST_CASE("which kinds prompt and answer hold is told of each by itself", "[labels]") {
  Judging judging("Call +49 30 1234567, or ana@mail.org.", "Who has 8.8.8.8?");
  CHECK(personal_data_in_answer(*judging) == "email|phone");
  CHECK(personal_data_in_prompt(*judging) == "ipv4");
  judging.prompt_ignored = true;
  CHECK_FALSE(personal_data_in_prompt(*judging));
  CHECK_FALSE(personal_data_in_answer(*Judging("72")));
}

TEST_CASE("a megabyte of digits and signs is looked through in no time", "[labels]") {
  for (const char* piece : {"1", "1 ", "+1", "1.", "A1 ", "a@", "4111 ", "a@b.co ", "8.8.8.8 "}) {
    const std::string text = times(piece, 1 << 18);
    CHECK(find_personal_data(text).size() <= text.size());
  }
}
