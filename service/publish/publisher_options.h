#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "service/publish/segment_cutter.h"
#include "service/publish/until_decider.h"
#include "service/quality/labels/labeller.h"

namespace harvest::publish {

struct PublisherOptions {
  std::string datasets_directory;               ///< data_dir/datasets
  uint64_t segment_bytes = 64 << 20;            ///< of raw answers
  int64_t segment_age_us = 300'000'000;         ///< since the first pair of the open range
  uint64_t segment_bytes_min = 1 << 20;         ///< an old range that holds less stays open, up to twelve ages
  bool by_command_only = false;                 ///< tick() closes nothing
  std::string service_version;                  ///< for manifests
  std::function<void(uint64_t shards)> sealed;  ///< told at each version: shards that are new in it
  CutBounds bounds;
  std::shared_ptr<const quality::Labeller> labeller;  ///< null: pairs are published without labels
  std::shared_ptr<UntilDecider> decider;              ///< told of pairs that are labelled; null: nobody is
};

}  // namespace harvest::publish
