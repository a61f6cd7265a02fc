#include "client/cpp/prompt_strata.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <utility>

namespace harvest::client {
namespace {

/// Fewer prompts than this share of all make no stratum of their own, unless they hold as much of the bytes.
constexpr double kTiny = 1.0 / 64;
constexpr size_t kDrawnBytesMax = 4 << 20;  // of one size
/// A request takes no more; of giants fewer are looked at.
constexpr size_t kRequestBytesMax = 12 << 20;

/// In [0, bound); the same on every machine, which <random>'s distributions do not promise.
uint64_t below(std::mt19937_64& random, uint64_t bound) {
  return static_cast<uint64_t>((static_cast<unsigned __int128>(random()) * bound) >> 64);
}

}  // namespace

void PromptStrata::add(const v1::Prompt& prompt) {
  const size_t bytes = prompt.ByteSizeLong();
  const size_t place = std::min<size_t>(std::bit_width(bytes), sizes_.size() - 1);
  Size& size = sizes_[place];
  ++prompts_;
  bytes_ += bytes;
  ++size.prompts;
  size.bytes += bytes;
  // Vitter's algorithm R; what is drawn keeps a random order, so that a part of it is a sample too.
  const size_t room = std::clamp<size_t>(kDrawnBytesMax >> place, kOfStratumMin, std::max(sample_, kOfStratumMin));
  if (size.drawn.size() < room) {
    size.drawn.push_back(prompt);
    std::swap(size.drawn.back(), size.drawn[below(random_, size.drawn.size())]);
  } else if (const uint64_t at = below(random_, size.prompts); at < room) {
    size.drawn[at] = prompt;
  }
}

std::vector<PromptStrata::Size> PromptStrata::joined() const {
  const auto is_tiny = [this](const Size& size) {
    return static_cast<double>(size.prompts) < kTiny * static_cast<double>(prompts_) &&
           static_cast<double>(size.bytes) < kTiny * static_cast<double>(bytes_);
  };
  const auto is_small = [&](const Size& size) { return size.prompts < kOfStratumMin || is_tiny(size); };
  /// Each prompt of the two is in the joint sample alike: by their shares of the prompts.
  const auto join = [](Size& to, const Size& from) {
    const double all = static_cast<double>(to.prompts + from.prompts);
    const size_t room = std::max(to.drawn.size(), from.drawn.size());
    const auto part = [&](const Size& size) {
      const double share = static_cast<double>(size.prompts) / all * static_cast<double>(room);
      return std::min<size_t>(size.drawn.size(), static_cast<size_t>(std::ceil(share)));
    };
    // One of the few comes last in the order of drawing: a smaller sample may leave it out.
    std::vector<v1::Prompt> drawn;
    const size_t mine = part(to), theirs = part(from);
    for (size_t i = 0, j = 0; i < mine || j < theirs;) {
      const bool take_mine = j >= theirs || (i < mine && i * theirs <= j * mine);
      drawn.push_back(take_mine ? to.drawn[i++] : from.drawn[j++]);
    }
    to.drawn = std::move(drawn);
    to.prompts += from.prompts;
    to.bytes += from.bytes;
  };
  std::vector<Size> joined;
  for (const Size& size : sizes_) {
    if (size.prompts == 0) continue;
    if (!joined.empty() && (is_small(size) || is_small(joined.back())))
      join(joined.back(), size);
    else
      joined.push_back(size);
  }
  return joined;
}

std::vector<v1::PlanJobRequest::Stratum> PromptStrata::strata() const {
  std::vector<v1::PlanJobRequest::Stratum> strata;
  size_t left = kRequestBytesMax;
  for (const Size& size : joined()) {
    const double weight = (static_cast<double>(size.prompts) / static_cast<double>(prompts_) +
                           static_cast<double>(size.bytes) / static_cast<double>(bytes_)) /
                          2;
    const auto wanted = static_cast<size_t>(std::lround(weight * sample_));
    const size_t count = std::min(size.drawn.size(), std::max<size_t>(wanted, kOfStratumMin));
    v1::PlanJobRequest::Stratum& stratum = strata.emplace_back();
    stratum.set_prompts(size.prompts);
    stratum.set_bytes(size.bytes);
    for (size_t i = 0; i < count; ++i) {
      const size_t bytes = size.drawn[i].ByteSizeLong();
      if (i > 0 && bytes > left) break;
      left -= std::min(left, bytes);
      *stratum.add_sample() = size.drawn[i];
    }
  }
  return strata;
}

}  // namespace harvest::client
