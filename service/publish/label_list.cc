#include "service/publish/label_list.h"

#include <algorithm>
#include <utility>

namespace harvest::publish {

void put_label(v1::PairLabels& labels, v1::Label label) {
  auto& all = *labels.mutable_labels();
  const auto place = std::lower_bound(all.begin(), all.end(), label,
                                      [](const v1::Label& a, const v1::Label& b) { return a.rule() < b.rule(); });
  const auto index = static_cast<int>(place - all.begin());
  if (place != all.end() && place->rule() == label.rule()) {
    *place = std::move(label);
    return;
  }
  *all.Add() = std::move(label);
  for (int i = all.size() - 1; i > index; --i) all.SwapElements(i, i - 1);
}

}  // namespace harvest::publish
