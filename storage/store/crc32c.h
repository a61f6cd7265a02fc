#pragma once

#include <cstddef>
#include <cstdint>

namespace harvest::store {

/// CRC-32C (Castagnoli) of what `crc` covers followed by `size` bytes, as RocksDB's own crc32c::Extend counts it.
///
/// Debian builds RocksDB for every x86-64, so without the instruction that counts this checksum, and the log's checksum
/// took a tenth of the store thread. The linker hands RocksDB this function in place of its own (`--wrap` in
/// CMakeLists.txt); where the processor lacks the instruction it calls RocksDB's. Any thread.
uint32_t crc32c_extend(uint32_t crc, const char* bytes, size_t size);

/// RocksDB's own, by table: what crc32c_extend must agree with.
uint32_t crc32c_extend_by_table(uint32_t crc, const char* bytes, size_t size);

}  // namespace harvest::store
