#include <zstd.h>

#include <catch2/catch.hpp>

#include "storage/corpus/manifest.h"
#include "storage/corpus/mosaic.h"
#include "storage/corpus/shard_reader.h"
#include "storage/corpus/shard_writer.h"
#include "tests/corpus/temp_directory.h"

using namespace harvest;
using namespace harvest::corpus;

namespace {

v1::Shard write(const TempDirectory& directory, const std::vector<std::string>& lines, ShardFormat format) {
  ShardWriter writer(directory.path().string(), "sums-000001-00", format);
  for (size_t i = 0; i < lines.size(); ++i) writer.add(lines[i], "r_" + std::to_string(i));
  return writer.seal().value();
}

std::vector<std::string> read(ShardReader& reader) {
  std::vector<std::string> lines;
  while (reader.next().value()) lines.emplace_back(reader.line());
  return lines;
}

absl::Status read_status(const std::filesystem::path& path) {
  auto reader = ShardReader::open(path.string());
  if (!reader.ok()) return reader.status();
  while (true) {
    const auto more = reader->next();
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
  }
}

/// Whether a file of these bytes is lost data, in these words.
bool is_refused(const std::filesystem::path& path, const std::string& damaged, const std::string& words) {
  spill(path, damaged);
  const absl::Status status = read_status(path);
  INFO(status);
  return status.code() == absl::StatusCode::kDataLoss && std::string(status.message()).find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("what a shard's writer took its reader gives back", "[corpus]") {
  const TempDirectory directory;
  std::vector<std::string> lines;
  for (int i = 0; i < 5000; ++i)
    lines.push_back("{\"n\":" + std::to_string(i * 7919) + "}" + std::string(i % 300, 'x'));
  lines.push_back(std::string(1 << 20, 'y'));  // longer than any buffer
  lines.push_back("");
  for (ShardFormat format :
       {ShardFormat::kJsonl, ShardFormat::kJsonlGz, ShardFormat::kJsonlZst, ShardFormat::kWebdataset}) {
    const v1::Shard shard = write(directory, lines, format);
    auto reader = ShardReader::open((directory.path() / shard.path()).string());
    REQUIRE(reader.ok());
    CHECK(read(*reader) == lines);
    CHECK(reader->rows() == shard.rows());
    CHECK(reader->bytes() == shard.bytes());
    CHECK(reader->raw_bytes() == shard.raw_bytes());
    CHECK(reader->take_sha256() == shard.sha256());
    CHECK(reader->take_raw_sha256() == shard.raw_sha256());
    CHECK(shard.first_id() == "r_0");
    CHECK(shard.last_id() == "r_5001");
    CHECK(shard.bytes() == std::filesystem::file_size(directory.path() / shard.path()));
  }
}

TEST_CASE("a shard is named by its bytes and equal lines are equal bytes", "[corpus]") {
  const TempDirectory one, two;
  const v1::Shard first = write(one, {"a", "b"}, ShardFormat::kJsonlGz);
  const v1::Shard second = write(two, {"a", "b"}, ShardFormat::kJsonlGz);
  const v1::Shard third = write(two, {"a", "c"}, ShardFormat::kJsonlGz);
  CHECK(first.path() == "sums-000001-00-" + first.sha256().substr(0, 12) + ".jsonl.gz");
  CHECK(first.path() == second.path());
  CHECK(first.path() != third.path());
  CHECK(slurp(one.path() / first.path()) == slurp(two.path() / second.path()));
}

TEST_CASE("the gzip header tells no time and no name", "[corpus]") {
  const TempDirectory directory;
  const std::string bytes = slurp(directory.path() / write(directory, {"a"}, ShardFormat::kJsonlGz).path());
  REQUIRE(bytes.size() > 18);
  CHECK(bytes.substr(0, 3) == "\x1f\x8b\x08");
  CHECK(bytes[3] == 0);                               // no name, comment or extra field
  CHECK(bytes.substr(4, 4) == std::string(4, '\0'));  // no time
}

TEST_CASE("a zstd shard is one frame that names its size", "[corpus]") {
  const TempDirectory directory;
  const v1::Shard shard = write(directory, {std::string(100'000, 'a'), "b"}, ShardFormat::kJsonlZst);
  CHECK(shard.path().ends_with(".jsonl.zst"));
  const std::string bytes = slurp(directory.path() / shard.path());
  CHECK(ZSTD_getFrameContentSize(bytes.data(), bytes.size()) == shard.raw_bytes());
  CHECK(ZSTD_findFrameCompressedSize(bytes.data(), bytes.size()) == bytes.size());
}

TEST_CASE("a zstd frame that does not name its size is no shard", "[corpus]") {
  const TempDirectory directory;
  std::string frame(100, '\0');
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  frame.resize(ZSTD_compress2(context, frame.data(), frame.size(), "a\nb\n", 4));
  ZSTD_freeCCtx(context);
  spill(directory.path() / "x.jsonl.zst", frame);
  CHECK(read_status(directory.path() / "x.jsonl.zst").message() == "the zstd frame does not name its size");
}

TEST_CASE("nothing but the sealed shard is left in the directory", "[corpus]") {
  const TempDirectory directory;
  write(directory, {"a"}, ShardFormat::kJsonlGz);
  CHECK(std::distance(std::filesystem::directory_iterator(directory.path()), {}) == 1);
}

TEST_CASE("a reader says what is wrong with a damaged shard", "[corpus]") {
  const auto format = GENERATE(ShardFormat::kJsonlGz, ShardFormat::kJsonlZst);
  const TempDirectory directory;
  const auto path = directory.path() / write(directory, {"aaaa", "bbbb"}, format).path();
  const std::string bytes = slurp(path);
  const auto says = [&](const std::string& damaged, const std::string& words) {
    return is_refused(path, damaged, words);
  };
  CHECK(says(bytes.substr(0, bytes.size() - 1), "ends too early"));
  CHECK(says(bytes.substr(0, 5), format == ShardFormat::kJsonlGz ? "ends too early" : "no zstd frame"));
  CHECK(says("", "ends too early"));
  CHECK(says(bytes + bytes, "behind the shard's end"));
  CHECK(says(bytes + "x", "behind the shard's end"));
  CHECK(says("x" + bytes, "damaged"));
  std::string flipped = bytes;
  const size_t in_checksum = flipped.size() - (format == ShardFormat::kJsonlGz ? 6 : 2);
  flipped[in_checksum] = static_cast<char>(flipped[in_checksum] ^ 1);
  CHECK(says(flipped, "damaged"));
}

TEST_CASE("a plain shard whose last line has no end is not whole", "[corpus]") {
  const TempDirectory directory;
  spill(directory.path() / "x.jsonl", "a\nb");
  CHECK(read_status(directory.path() / "x.jsonl").code() == absl::StatusCode::kDataLoss);
}

TEST_CASE("a missing file and a file that is no shard are told apart", "[corpus]") {
  const TempDirectory directory;
  CHECK(read_status(directory.path() / "x.jsonl").code() == absl::StatusCode::kNotFound);
  CHECK(read_status(directory.path() / "x.csv").code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("a webdataset shard holds one member a record, under its id, without a time", "[corpus]") {
  const TempDirectory directory;
  const v1::Shard shard = write(directory, {"{\"a\":1}", "{}"}, ShardFormat::kWebdataset);
  CHECK(shard.path().ends_with(".tar"));
  const std::string bytes = slurp(directory.path() / shard.path());
  REQUIRE(bytes.size() == 6 * 512);  // two headers, two contents, two empty blocks
  CHECK(bytes.starts_with(std::string("r_0.json\0", 9)));
  CHECK(bytes.substr(512, 7) == "{\"a\":1}");
  CHECK(bytes.substr(1024, 8) == "r_1.json");
  CHECK(bytes.substr(136, 11) == "00000000000");  // modified
  CHECK(bytes.substr(257, 5) == "ustar");
  CHECK(shard.raw_sha256() == write(directory, {"{\"a\":1}", "{}"}, ShardFormat::kJsonl).raw_sha256());
}

TEST_CASE("a tar that is not as it was written is no shard", "[corpus]") {
  const TempDirectory directory;
  const auto path = directory.path() / write(directory, {"aaaa", "bbbb"}, ShardFormat::kWebdataset).path();
  const std::string bytes = slurp(path);
  const auto says = [&](const std::string& damaged, const std::string& words) {
    return is_refused(path, damaged, words);
  };
  CHECK(says(bytes.substr(0, bytes.size() - 512), "ends too early"));
  CHECK(says(bytes.substr(0, 700), "ends too early"));
  CHECK(says(bytes + "x", "behind the shard's end"));
  std::string flipped = bytes;
  flipped[3] ^= 1;  // in a name: the header's sum tells
  CHECK(says(flipped, "the tar is damaged"));
  CHECK(says(bytes.substr(0, 2048) + std::string(512, '\0') + bytes.substr(0, 2048), "the tar is damaged"));
}

TEST_CASE("formats that there are not are refused with those that there are", "[corpus]") {
  CHECK(parse_format("jsonl.gz").value() == ShardFormat::kJsonlGz);
  CHECK(parse_format("jsonl").value() == ShardFormat::kJsonl);
  CHECK(parse_format("jsonl.zst").value() == ShardFormat::kJsonlZst);
  CHECK(parse_format("webdataset").value() == ShardFormat::kWebdataset);
  CHECK(parse_format("parquet").value() == ShardFormat::kParquet);
  const absl::Status status = parse_format("arrow").status();
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  CHECK(std::string(status.message()) ==
        "format: found \"arrow\", expected jsonl.gz, jsonl.zst, jsonl, parquet or webdataset");
  CHECK(format_of_path("maths-000001-00-0123456789ab.tar").value() == ShardFormat::kWebdataset);
}

TEST_CASE("what mosaicml-streaming reads beside plain lines says where each begins", "[corpus]") {
  const std::string meta = mosaic_meta("ab\nc\n");
  CHECK(meta.substr(0, 16) == std::string("\2\0\0\0\0\0\0\0\3\0\0\0\5\0\0\0", 16));
  v1::Manifest manifest;
  manifest.set_format("jsonl");
  v1::Shard* shard = manifest.add_shards();
  shard->set_path("x.jsonl");
  shard->set_bytes(5);
  shard->set_sha256("ab");
  shard->set_rows(2);
  const std::string index = mosaic_index(manifest, {"cd"});
  CHECK(index.starts_with(R"({"shards":[{"columns":{"agreement":"float",)"));
  CHECK(index.find(R"("raw_data":{"basename":"shards/x.jsonl","bytes":5,"hashes":{"sha256":"ab"}},)"
                   R"("raw_meta":{"basename":"shards/x.jsonl.meta","bytes":)" +
                   std::to_string(meta.size()) + R"(,"hashes":{"sha256":"cd"}})") != std::string::npos);
  CHECK(index.ends_with(
      R"("samples":2,"size_limit":67108864,"version":2,"zip_data":null,"zip_meta":null}],"version":2})"));
}
