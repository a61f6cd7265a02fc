#include "service/flow/disk_guard.h"

#include <sys/statvfs.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace harvest::flow {

absl::StatusOr<uint64_t> free_bytes(const std::string& path) {
  struct statvfs facts {};
  if (statvfs(path.c_str(), &facts) != 0)
    return absl::InternalError(absl::StrCat("statvfs ", path, ": ", std::strerror(errno)));
  return static_cast<uint64_t>(facts.f_bavail) * facts.f_frsize;
}

}  // namespace harvest::flow
