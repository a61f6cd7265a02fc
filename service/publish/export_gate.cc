#include "service/publish/export_gate.h"

#include <utility>

namespace harvest::publish {

ExportGate::ExportGate(const store::Store& store, std::string today) : today_(std::move(today)) {
  for (store::TeacherState& state : store.teachers())
    governing_[state.teacher.name()] = std::move(*state.teacher.mutable_rights());
}

rights::Rule ExportGate::judge(const v1::Pair& pair, const v1::Rights& stamped) const {
  const auto found = governing_.find(pair.teacher());
  return rights::judge(found == governing_.end() ? stamped : found->second, pair.use(), today_);
}

}  // namespace harvest::publish
