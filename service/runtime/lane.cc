#include "service/runtime/lane.h"

#include <pthread.h>

namespace harvest::runtime {

Lane::Lane(std::string name)
    : thread_([this, name = std::move(name)] {
        pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
        context_.run();
      }) {}

Lane::~Lane() { stop(); }

void Lane::finish() {
  work_.reset();
  if (thread_.joinable()) thread_.join();
}

void Lane::stop() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace harvest::runtime
