#pragma once

#include <cstdarg>
#include <mutex>
#include <string>

#include "rocksdb/env.h"

namespace harvest::store {

/// RocksDB's own words, warnings and worse, in the file `LOG` of its directory; the file before it is `LOG.old`.
///
/// Why not RocksDB's own: its logger buffers what it writes, and once the disk had no room for that, its next line
/// fails an assertion of Debian's build and ends the process. Here a line that cannot be written is lost. Any thread.
class InfoLog final : public rocksdb::Logger {
 public:
  explicit InfoLog(std::string directory, size_t bytes_max);
  ~InfoLog() override;

  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override;

 private:
  void reopen();

  const std::string path_;
  const size_t bytes_max_;
  std::mutex mutex_;
  int file_ = -1;  ///< opened with the first line: the directory is RocksDB's to make
  size_t bytes_ = 0;
};

}  // namespace harvest::store
