#include "client/s3/answers.h"

#include <catch2/catch.hpp>

#include "client/s3/part_plan.h"
#include "client/s3/place.h"

using namespace harvest::s3;

TEST_CASE("an error is its code and message and nothing else is one", "[s3]") {
  const ErrorAnswer error = error_answer(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>not &lt;you&gt;</Message>"
      "<StringToSign>secret things</StringToSign></Error>");
  CHECK(error.code == "AccessDenied");
  CHECK(error.message == "not <you>");
  CHECK(error_answer("<html>busy</html>").code.empty());
  CHECK(error_answer("").code.empty());
  CHECK(error_answer("<Error><Message>" + std::string(5000, 'x') + "</Message></Error>").message.size() == 300);
}

TEST_CASE("uploads and parts are read with where their lists go on", "[s3]") {
  const auto uploads = open_uploads(
      "<ListMultipartUploadsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><IsTruncated>true</IsTruncated>"
      "<NextKeyMarker>k2</NextKeyMarker><NextUploadIdMarker>u2</NextUploadIdMarker>"
      "<Upload><Key>k1</Key><UploadId>u1</UploadId><Owner><ID>o</ID></Owner></Upload>"
      "<Upload><Key>k2</Key><UploadId>u2</UploadId></Upload></ListMultipartUploadsResult>");
  REQUIRE(uploads.ok());
  REQUIRE(uploads->uploads.size() == 2);
  CHECK(uploads->uploads[1].id == "u2");
  CHECK(uploads->more);
  CHECK(uploads->next_key == "k2");
  const auto parts = held_parts(
      "<ListPartsResult><IsTruncated>false</IsTruncated><Part><PartNumber>2</PartNumber><ETag>&quot;abc&quot;</ETag>"
      "<Size>5242880</Size></Part></ListPartsResult>");
  REQUIRE(parts.ok());
  REQUIRE(parts->parts.size() == 1);
  CHECK(parts->parts[0].number == 2);
  CHECK(parts->parts[0].bytes == 5242880);
  CHECK(parts->parts[0].etag == "abc");
  CHECK_FALSE(parts->more);
  CHECK(held_parts("<ListPartsResponse></ListPartsResponse>").ok());  // moto's word for it
}

TEST_CASE("what is no such answer is refused", "[s3]") {
  CHECK_FALSE(upload_id("<InitiateMultipartUploadResult></InitiateMultipartUploadResult>").ok());
  CHECK_FALSE(upload_id("<InitiateMultipartUploadResult><UploadId>u").ok());
  CHECK_FALSE(open_uploads("<ListPartsResult/>").ok());
  CHECK_FALSE(held_parts("<ListPartsResult><Part><Size>5</Size></Part></ListPartsResult>").ok());
  CHECK_FALSE(held_parts("<ListPartsResult><IsTruncated>true</IsTruncated></ListPartsResult>").ok());
  std::string deep = "<ListPartsResult>";
  for (int depth = 0; depth < 100000; ++depth) deep += "<a>";
  CHECK_FALSE(held_parts(deep).ok());
  CHECK_FALSE(upload_id("<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>"
                        "<x>&b;&b;&b;</x>")
                  .ok());
}

TEST_CASE("a completed upload lists its parts in order", "[s3]") {
  CHECK(complete_request({{1, 5, "a"}, {2, 3, "b\"<"}}) ==
        "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        "<Part><PartNumber>1</PartNumber><ETag>&quot;a&quot;</ETag></Part>"
        "<Part><PartNumber>2</PartNumber><ETag>&quot;b&quot;&lt;&quot;</ETag></Part></CompleteMultipartUpload>");
}

TEST_CASE("parts cover a file and only equal ones are kept", "[s3]") {
  const PartPlan plan(25, 10);
  CHECK(plan.count() == 3);
  CHECK(plan.offset(3) == 20);
  CHECK(plan.bytes(3) == 5);
  CHECK(PartPlan(30, 10).count() == 3);
  CHECK(PartPlan(0, 10).count() == 1);
  const std::vector<HeldPart> held = {{1, 10, "a"}, {2, 9, "b"}, {3, 5, "other"}};
  CHECK(plan.find(held, 1, "a") == &held[0]);
  CHECK(plan.find(held, 2, "b") == nullptr);  // of another size
  CHECK(plan.find(held, 3, "c") == nullptr);  // of other bytes
  const PartPlan huge(kPartBytesMin * kPartsMax * 3, kPartBytesMin);
  CHECK(huge.count() <= kPartsMax);
  CHECK(huge.offset(huge.count()) + huge.bytes(huge.count()) == kPartBytesMin * kPartsMax * 3);
}

TEST_CASE("a destination is a bucket and a clean prefix", "[s3]") {
  const auto place = parse_place("s3://corpora/teams/maths/");
  REQUIRE(place.ok());
  CHECK(place->bucket == "corpora");
  CHECK(place->key("manifest.json") == "teams/maths/manifest.json");
  CHECK(parse_place("s3://corpora")->key("manifest.json") == "manifest.json");
  for (const char* wrong : {"corpora/maths", "s3://", "s3://a/b", "s3://..x/b", "s3://corpora/a//b",
                            "s3://corpora/../b", "s3://corpora/a\nb", "http://corpora/a", "s3://cor pora/a"}) {
    CAPTURE(wrong);
    CHECK(parse_place(wrong).status().code() == absl::StatusCode::kInvalidArgument);
  }
}

TEST_CASE("an endpoint on another machine needs TLS or a word for it", "[s3]") {
  CHECK(check_endpoint("https://s3.example.org", false).ok());
  CHECK(check_endpoint("http://127.0.0.1:9000", false).ok());
  CHECK(check_endpoint("http://s3.example.org:9000", false).code() == absl::StatusCode::kFailedPrecondition);
  CHECK(check_endpoint("http://s3.example.org:9000", true).ok());
  for (const char* wrong : {"s3.example.org", "https://", "https://a/b", "https://k:s@a", "ftp://a", "https://a?b"}) {
    CAPTURE(wrong);
    CHECK(check_endpoint(wrong, true).code() == absl::StatusCode::kInvalidArgument);
  }
  CHECK(encode("a b/ü=~", true) == "a%20b/%C3%BC%3D~");
  CHECK(encode("a/b", false) == "a%2Fb");
}
