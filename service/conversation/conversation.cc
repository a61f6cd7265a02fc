#include "service/conversation/conversation.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "service/dialect/registry/registry.h"

namespace harvest::conversation {

namespace {

absl::StatusOr<v1::Message> answer_of(const store::Store& store, const std::string& record_id) {
  const auto found = store.find_pair(record_id);
  if (!found.ok()) return found.status();
  const v1::Pair& pair = found->pair.pair;
  const auto answer = store.answer(pair.answer());
  if (!answer.ok()) return answer.status();
  const dialect::Dialect* dialect = dialect::find_dialect(answer->dialect());
  if (dialect == nullptr) return absl::DataLossError(absl::StrCat("dialect ", answer->dialect(), " is not known"));
  auto decoded = dialect->decode_stored(answer->raw());
  if (!decoded.ok()) return decoded.status();
  if (pair.choice() >= decoded->choices.size()) return absl::DataLossError("its answer lacks its choice");
  v1::Message said;
  said.set_role("assistant");
  *said.mutable_content() = std::move(*decoded->choices[pair.choice()].message.mutable_content());
  return said;
}

/// Where, among what it was made from, its turns begin.
RecordIds::const_iterator first_turn_of(const v1::Pair& pair) {
  const RecordIds& parents = pair.parent_record_ids();
  return parents.end() - std::min(static_cast<int>(pair.turn()), parents.size());
}

}  // namespace

absl::Status take_up(const store::Store& store, const RecordIds& turns, v1::Prompt& prompt) {
  if (turns.empty()) return absl::OkStatus();
  if (turns.size() > prompt.later_turns_size())
    return absl::DataLossError(absl::StrCat("a conversation of ", prompt.later_turns_size() + 1, " turns has ",
                                            turns.size(), " answered ones and one more to ask"));
  for (int turn = 0; turn < turns.size(); ++turn) {
    auto said = answer_of(store, turns[turn]);
    if (!said.ok())
      return absl::Status(said.status().code(),
                          absl::StrCat("record ", turns[turn], ", an earlier turn: ", said.status().message()));
    *prompt.add_messages() = *std::move(said);
    *prompt.add_messages() = prompt.later_turns(turn);
  }
  prompt.mutable_later_turns()->DeleteSubrange(0, turns.size());
  return absl::OkStatus();
}

RecordIds turns_before(const v1::Pair& pair) {
  return RecordIds(first_turn_of(pair), pair.parent_record_ids().end());
}

RecordIds made_from(const v1::Pair& pair) {
  return RecordIds(pair.parent_record_ids().begin(), first_turn_of(pair));
}

bool may_go_on_behind(const dialect::Choice& choice) {
  return !choice.refused && !choice.truncated && choice.message.tool_calls_json().empty() &&
         !choice.message.content().empty();
}

}  // namespace harvest::conversation
