#include "storage/store/info_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <utility>

namespace harvest::store {

InfoLog::InfoLog(std::string directory, size_t bytes_max)
    : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL), path_(std::move(directory) + "/LOG"), bytes_max_(bytes_max) {}

InfoLog::~InfoLog() {
  if (file_ >= 0) ::close(file_);
}

void InfoLog::reopen() {
  if (file_ >= 0) {
    ::close(file_);
    ::rename(path_.c_str(), (path_ + ".old").c_str());
  }
  file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  struct stat status {};
  bytes_ = file_ >= 0 && ::fstat(file_, &status) == 0 ? static_cast<size_t>(status.st_size) : 0;
}

void InfoLog::Logv(const char* format, va_list arguments) {
  std::array<char, 4096> line;
  const std::time_t now = std::time(nullptr);
  struct tm utc {};
  ::gmtime_r(&now, &utc);
  size_t length = std::strftime(line.data(), line.size(), "%Y-%m-%dT%H:%M:%SZ ", &utc);
  const size_t room = line.size() - length - 1;
  const int written = std::vsnprintf(line.data() + length, room, format, arguments);
  length += std::min<size_t>(static_cast<size_t>(std::max(written, 0)), room - 1);
  line[length++] = '\n';

  const std::lock_guard lock(mutex_);
  if (file_ < 0 || bytes_ + length > bytes_max_) reopen();
  if (file_ < 0) return;
  const ssize_t kept = ::write(file_, line.data(), length);  // a full disk: the line is lost
  if (kept > 0) bytes_ += static_cast<size_t>(kept);
}

}  // namespace harvest::store
