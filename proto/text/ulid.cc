#include "proto/text/ulid.h"

#include <sys/random.h>

#include <cassert>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "proto/text/mistake.h"

namespace harvest::text {
namespace {

constexpr char kAlphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr uint8_t kNone = 0xff;

constexpr std::array<uint8_t, 256> decoding_table() {
  std::array<uint8_t, 256> table{};
  table.fill(kNone);
  for (uint8_t i = 0; i < 32; ++i) {
    const char c = kAlphabet[i];
    table[static_cast<uint8_t>(c)] = i;
    if (c >= 'A') {
      table[static_cast<uint8_t>(c - 'A' + 'a')] = i;
    }
  }
  return table;
}
constexpr std::array<uint8_t, 256> kDigits = decoding_table();

/// Random bytes or the end: ids that are not random would collide and leak order.
void fill_random(uint8_t* out, size_t size) {
  while (size > 0) {
    const ssize_t got = getrandom(out, size, 0);
    if (got < 0) {
      if (errno == EINTR) {
        continue;
      }
      std::abort();
    }
    out += got;
    size -= static_cast<size_t>(got);
  }
}

void put_time(int64_t utc_us, Ulid* ulid) {
  // Invariant: stored times are after 1970.
  assert(utc_us >= 0);
  const uint64_t ms = static_cast<uint64_t>(utc_us) / 1000;
  for (int i = 0; i < 6; ++i) {
    (*ulid)[i] = static_cast<uint8_t>(ms >> (40 - 8 * i));
  }
}

void put_text(const Ulid& ulid, char* out) {
  // 128 bits in 26 digits of five: two bits of zero lead.
  unsigned __int128 bits = 0;
  for (const uint8_t byte : ulid) {
    bits = (bits << 8) | byte;
  }
  for (int i = static_cast<int>(kUlidTextBytes) - 1; i >= 0; --i) {
    out[i] = kAlphabet[static_cast<unsigned>(bits) & 31];
    bits >>= 5;
  }
}

}  // namespace

Ulid UlidSource::next(int64_t utc_us) {
  if (used_ == pool_.size()) {
    fill_random(pool_.data(), pool_.size());
    used_ = 0;
  }
  Ulid ulid;
  put_time(utc_us, &ulid);
  std::memcpy(ulid.data() + 6, pool_.data() + used_, kRandomBytes);
  used_ += kRandomBytes;
  return ulid;
}

std::string UlidSource::next_id(std::string_view prefix, int64_t utc_us) {
  return to_id(prefix, next(utc_us));
}

Ulid make_ulid(int64_t utc_us, const std::array<uint8_t, 10>& random) {
  Ulid ulid;
  put_time(utc_us, &ulid);
  std::memcpy(ulid.data() + 6, random.data(), random.size());
  return ulid;
}

int64_t utc_ms_of(const Ulid& ulid) {
  uint64_t ms = 0;
  for (int i = 0; i < 6; ++i) {
    ms = (ms << 8) | ulid[i];
  }
  return static_cast<int64_t>(ms);
}

std::string to_text(const Ulid& ulid) {
  return to_id("", ulid);
}

std::string to_id(std::string_view prefix, const Ulid& ulid) {
  std::string out(prefix.size() + kUlidTextBytes, '\0');
  prefix.copy(out.data(), prefix.size());
  put_text(ulid, out.data() + prefix.size());
  return out;
}

absl::StatusOr<Ulid> parse_ulid(std::string_view text) {
  const auto wrong = [text] {
    return absl::InvalidArgumentError(
        absl::StrCat("found ", shown(std::string(text)), ", expected a ULID of 26 characters"));
  };
  // The first digit holds three bits only.
  if (text.size() != kUlidTextBytes || text[0] > '7') {
    return wrong();
  }
  unsigned __int128 bits = 0;
  for (const char c : text) {
    const uint8_t digit = kDigits[static_cast<uint8_t>(c)];
    if (digit == kNone) {
      return wrong();
    }
    bits = (bits << 5) | digit;
  }
  Ulid ulid;
  for (int i = 15; i >= 0; --i) {
    ulid[i] = static_cast<uint8_t>(bits);
    bits >>= 8;
  }
  return ulid;
}

absl::StatusOr<Ulid> parse_id(std::string_view prefix, std::string_view id) {
  if (id.substr(0, prefix.size()) != prefix) {
    return absl::InvalidArgumentError(absl::StrCat("found ", shown(std::string(id)),
                                                   ", expected an id that begins with '", std::string(prefix), "'"));
  }
  return parse_ulid(id.substr(prefix.size()));
}

std::string to_bytes(const Ulid& ulid) {
  return std::string(ulid.begin(), ulid.end());
}

absl::StatusOr<Ulid> ulid_of_bytes(std::string_view bytes) {
  Ulid ulid;
  if (bytes.size() != ulid.size()) {
    return absl::InvalidArgumentError(absl::StrCat("found ", bytes.size(), " bytes, expected the 16 of a ULID"));
  }
  std::memcpy(ulid.data(), bytes.data(), ulid.size());
  return ulid;
}

}  // namespace harvest::text
