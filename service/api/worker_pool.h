#pragma once

#include <boost/asio/thread_pool.hpp>

namespace harvest::api {

/// Handlers wait for the store, so they run here and never on gRPC's own threads.
using WorkerPool = boost::asio::thread_pool;

}  // namespace harvest::api
