#include "service/runtime/lane.h"

#include <pthread.h>
#include <signal.h>

namespace harvest::runtime {
namespace {

/// A write to a connection that the peer has closed is an error to handle where it happens, never the end of the
/// process.
void block_sigpipe() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

Lane::Lane(std::string name)
    : thread_([this, name = std::move(name)] {
        pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
        block_sigpipe();
        context_.run();
      }) {}

Lane::~Lane() {
  stop();
}

void Lane::finish() {
  work_.reset();
  if (thread_.joinable()) thread_.join();
}

void Lane::stop() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace harvest::runtime
