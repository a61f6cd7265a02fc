#pragma once

namespace harvest {

/// What the whole process needs before anything else: memory that is kept rather than given back and faulted in again
/// (the store's memtables come and go), all file descriptors that we may have, and no core dumps: they would hold keys.
void prepare_process();

}  // namespace harvest
