#include "service/process.h"

#include <malloc.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace harvest {

void prepare_process() {
  // Measured: reused arenas make group commits about half as dear again (reference: store at 256 a batch).
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
  mallopt(M_TOP_PAD, 16 << 20);

  // gRPC writes its own lines to stderr; what went wrong is told in ours. Who sets the variable wants to see them.
  setenv("GRPC_VERBOSITY", "NONE", 0);

  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace harvest
