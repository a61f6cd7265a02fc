#include "service/daemon.h"

#include <utility>

#include "service/house.h"

namespace harvest {

Daemon::Daemon(std::unique_ptr<House> house) : house_(std::move(house)) {}

Daemon::~Daemon() {
  house_->stop().IgnoreError();
}  // stop() was called, or start() failed: nothing is left to tell

absl::StatusOr<std::unique_ptr<Daemon>> Daemon::start(v1::Config config, Ports ports) {
  std::unique_ptr<Daemon> daemon(new Daemon(std::make_unique<House>(std::move(config), ports)));
  House& house = *daemon->house_;
  for (auto step : {&House::check_surroundings, &House::open_store, &House::open_log, &House::open_teachers,
                    &House::open_publishing, &House::open_faces, &House::begin})
    if (absl::Status status = (house.*step)(); !status.ok()) return status;
  return daemon;
}

std::shared_ptr<grpc::Channel> Daemon::channel() {
  return house_->grpc->channel();
}
v1::ServiceStatus Daemon::status() const {
  return house_->status();
}
absl::Status Daemon::stop() {
  return house_->stop();
}
void Daemon::hurry() {
  house_->hurry();
}

}  // namespace harvest
