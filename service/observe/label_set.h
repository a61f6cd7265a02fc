#pragma once

#include <prometheus/family.h>
#include <prometheus/labels.h>

#include <atomic>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace harvest::observe {

/// The series of one family along one label with a closed set of values. Handles are kept, so that counting is one
/// short search among a dozen names and one atomic add; no lock, no allocation after a value's first use.
///
/// The first `known` values are exported as zeros from the start: an increase from nothing to one is invisible to
/// Prometheus' rate(). The others appear when first used. Any thread.
template <typename Metric>
class LabelSet {
 public:
  /// `values` must live as long as the set (they are constants), its last is the one for anything unknown.
  LabelSet(prometheus::Family<Metric>& family, prometheus::Labels base, std::string label,
           std::span<const std::string_view> values, std::size_t known)
      : family_(family), base_(std::move(base)), label_(std::move(label)), values_(values), handles_(values.size()) {
    for (std::size_t i = 0; i < known && i < values_.size(); ++i) handle(i);
  }

  Metric& operator[](std::string_view value) {
    std::size_t i = 0;
    while (i + 1 < values_.size() && values_[i] != value) ++i;
    return handle(i);
  }

 private:
  Metric& handle(std::size_t i) {
    if (Metric* known = handles_[i].load(std::memory_order_acquire)) return *known;
    prometheus::Labels labels = base_;
    labels[label_] = std::string(values_[i]);
    Metric& metric = family_.Add(labels);  // the same object for the same labels, whoever comes first
    handles_[i].store(&metric, std::memory_order_release);
    return metric;
  }

  prometheus::Family<Metric>& family_;
  const prometheus::Labels base_;
  const std::string label_;
  const std::span<const std::string_view> values_;
  std::vector<std::atomic<Metric*>> handles_;
};

}  // namespace harvest::observe
