#include "tests/teachersim/ledger.h"

#include <fcntl.h>
#include <openssl/sha.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tests/teachersim/answers/json_text.h"

namespace teachersim {
namespace {

void append_member(std::string& out, std::string_view name, std::int64_t value) {
  out.append(",\"").append(name).append("\":");
  append_number(out, value);
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  out.append(",\"").append(name).append("\":");
  append_quoted(out, value);
}

}  // namespace

std::unique_ptr<Ledger> Ledger::open(const std::string& path, bool with_content, std::string& error) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) {
    error = "cannot open the ledger " + path + ": " + std::strerror(errno);
    return nullptr;
  }
  return std::unique_ptr<Ledger>(new Ledger(file, with_content));
}

Ledger::~Ledger() {
  ::close(file_);
}

void Ledger::received(const Line& line, std::string_view model, int key, const Moment& now) {
  begin("received", line, now);
  append_member(lines_, "model", model);
  append_member(lines_, "key", key);
  lines_ += "}\n";
}

void Ledger::answered(const Line& line, const std::vector<std::string>& contents, const Usage& usage,
                      std::int64_t picodollars, std::string_view delivery, const Moment& now) {
  begin("answered", line, now);
  lines_ += ",\"answer_sha256\":[";
  for (std::size_t i = 0; i < contents.size(); ++i) {
    if (i > 0) lines_ += ',';
    append_quoted(lines_, sha256_hex(contents[i]));
  }
  lines_ += ']';
  append_member(lines_, "input_tokens", usage.input_tokens);
  append_member(lines_, "cached_tokens", usage.cached_tokens);
  append_member(lines_, "output_tokens", usage.output_tokens);
  append_member(lines_, "reasoning_tokens", usage.reasoning_tokens);
  append_member(lines_, "cost_picodollars", picodollars);
  if (!delivery.empty()) append_member(lines_, "delivery", delivery);
  if (with_content_) {
    lines_ += ",\"content\":[";
    for (std::size_t i = 0; i < contents.size(); ++i) {
      if (i > 0) lines_ += ',';
      append_quoted(lines_, contents[i]);
    }
    lines_ += ']';
  }
  lines_ += "}\n";
}

void Ledger::throttled(const Line& line, std::string_view reason, const Moment& now) {
  begin("throttled", line, now);
  append_member(lines_, "reason", reason);
  lines_ += "}\n";
}

void Ledger::failed(const Line& line, std::string_view reason, const Moment& now) {
  begin("failed", line, now);
  append_member(lines_, "reason", reason);
  lines_ += "}\n";
}

void Ledger::batch(std::string_view id, std::string_view door, std::int64_t lines, std::string_view metadata,
                   const Moment& now) {
  lines_ += "{\"event\":\"batch\"";
  append_member(lines_, "id", id);
  append_member(lines_, "mono_us", now.mono_us);
  append_member(lines_, "utc_us", now.utc_us);
  append_member(lines_, "door", door);
  append_member(lines_, "lines", lines);
  if (!metadata.empty()) lines_.append(",\"metadata\":").append(metadata);
  lines_ += "}\n";
}

bool Ledger::flush() {
  std::string_view rest = lines_;
  while (!rest.empty()) {
    const ssize_t written = ::write(file_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  lines_.clear();
  return true;
}

void Ledger::begin(std::string_view event, const Line& line, const Moment& now) {
  lines_.append("{\"event\":\"").append(event).append("\"");
  append_member(lines_, "id", line.id);
  append_member(lines_, "mono_us", now.mono_us);
  append_member(lines_, "utc_us", now.utc_us);
  append_member(lines_, "prompt_sha256", line.prompt_sha256);
  if (line.batch.empty()) return;
  append_member(lines_, "batch", line.batch);
  append_member(lines_, "custom_id", line.custom_id);
}

std::string sha256_hex(std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  std::string hex;
  hex.reserve(2 * sizeof digest);
  for (const unsigned char byte : digest) {
    hex += kHex[byte >> 4];
    hex += kHex[byte & 15];
  }
  return hex;
}

}  // namespace teachersim
