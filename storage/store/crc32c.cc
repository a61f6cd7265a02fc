#include "storage/store/crc32c.h"

#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

// rocksdb::crc32c::Extend(uint32_t, const char*, size_t), by the names that --wrap gives it: __real_ is RocksDB's,
// __wrap_ is what all of RocksDB calls instead. Should a later RocksDB rename it, nothing is wrapped and the link fails
// for want of __real_.
extern "C" {
uint32_t __real__ZN7rocksdb6crc32c6ExtendEjPKcm(uint32_t crc, const char* bytes, size_t size);
uint32_t __wrap__ZN7rocksdb6crc32c6ExtendEjPKcm(uint32_t crc, const char* bytes, size_t size);
}

namespace harvest::store {

uint32_t crc32c_extend_by_table(uint32_t crc, const char* bytes, size_t size) {
  return __real__ZN7rocksdb6crc32c6ExtendEjPKcm(crc, bytes, size);
}

#if defined(__x86_64__)

namespace {

__attribute__((target("sse4.2"))) uint32_t extend_by_instruction(uint32_t crc, const char* bytes, size_t size) {
  uint64_t rest = crc ^ 0xffffffffu;
  for (; size >= 8; bytes += 8, size -= 8) {
    uint64_t word;
    std::memcpy(&word, bytes, 8);
    rest = _mm_crc32_u64(rest, word);
  }
  uint32_t last = static_cast<uint32_t>(rest);
  for (; size > 0; ++bytes, --size) last = _mm_crc32_u8(last, static_cast<uint8_t>(*bytes));
  return last ^ 0xffffffffu;
}

const bool kHasInstruction = __builtin_cpu_supports("sse4.2");

}  // namespace

uint32_t crc32c_extend(uint32_t crc, const char* bytes, size_t size) {
  return kHasInstruction ? extend_by_instruction(crc, bytes, size) : crc32c_extend_by_table(crc, bytes, size);
}

#else

uint32_t crc32c_extend(uint32_t crc, const char* bytes, size_t size) {
  return crc32c_extend_by_table(crc, bytes, size);
}

#endif

}  // namespace harvest::store

uint32_t __wrap__ZN7rocksdb6crc32c6ExtendEjPKcm(uint32_t crc, const char* bytes, size_t size) {
  return harvest::store::crc32c_extend(crc, bytes, size);
}
