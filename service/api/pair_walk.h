#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harvest/v1/control.pb.h"
#include "service/api/feed.h"
#include "service/publish/record_renderer.h"
#include "storage/corpus/filter.h"
#include "storage/store/store.h"

namespace harvest::api {

/// Goes up through a dataset's pairs and hands out those that a filter admits, each as its shard's line. What a Feed
/// asks for its next message: a step looks at one page of pairs at most, and one step runs at a time.
class PairWalk {
 public:
  struct Bounds {
    uint64_t first = 0;   ///< sequence number to begin at
    uint64_t end = 0;     ///< one past the last that is looked at, unless it follows
    uint64_t limit = 0;   ///< so many are handed out; 0: all
    bool follow = false;  ///< wait at the end for what arrives
  };
  PairWalk(const store::Store& store, std::string dataset, corpus::Where where, Bounds bounds);

  FeedStep<v1::PairRecord> next();

 private:
  const store::Store& store_;
  const std::string dataset_;
  corpus::Filter filter_;
  const Bounds bounds_;
  publish::RecordRenderer renderer_;
  std::vector<store::Store::SequencedPair> page_;
  size_t next_in_page_ = 0;
  uint64_t next_sequence_;
  uint64_t handed_out_ = 0;
};

}  // namespace harvest::api
