#include "tests/client/prompt_files.h"

#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace harvest::client {

TempDir::TempDir() {
  char name[] = "/tmp/harvest-client-test-XXXXXX";
  REQUIRE(mkdtemp(name) != nullptr);
  path_ = name;
}

TempDir::~TempDir() {
  std::filesystem::remove_all(path_);
}

std::string TempDir::file(const std::string& name, const std::string& content) const {
  std::ofstream(path(name), std::ios::binary) << content;
  return path(name);
}

std::string lines(size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) {
    out += "{\"prompt\":\"question " + std::to_string(i) + "\"}\n";
  }
  return out;
}

std::string gzipped(const std::string& content) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, content.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd_packed(const std::string& content) {
  std::string out(ZSTD_compressBound(content.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), content.data(), content.size(), 3));
  return out;
}

ReadAll read_all(const std::vector<std::string>& paths, const std::string& template_text) {
  ReadAll all;
  auto reader = PromptReader::open(paths, template_text);
  if (!reader.ok()) {
    all.status = reader.status();
    return all;
  }
  for (;;) {
    v1::Prompt prompt;
    const auto got = (*reader)->next(&prompt);
    if (!got.ok()) {
      all.status = got.status();
      return all;
    }
    if (*got == PromptReader::Got::kEnd) {
      return all;
    }
    if (*got == PromptReader::Got::kPrompt) {
      all.prompts.push_back(prompt);
    } else {
      all.bad_lines.push_back((*reader)->bad_line());
    }
  }
}

ReadAll read_line(const std::string& line, const std::string& template_text) {
  const TempDir dir;
  ReadAll all = read_all({dir.file("lines.jsonl", line + "\n")}, template_text);
  for (std::string& bad : all.bad_lines) {
    bad.erase(0, dir.path("").size());
  }
  return all;
}

}  // namespace harvest::client
