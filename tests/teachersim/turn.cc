#include "tests/teachersim/turn.h"

#include "tests/teachersim/answers/draw.h"

namespace teachersim {
namespace {

AnswerShape shape_after(const Turn& turn, const AnswerShape& before) {
  AnswerShape shape = before;
  shape.model = turn.model;
  // Another seed alone is told by the answers, not by a fingerprint.
  shape.fingerprint = turn.fingerprint.empty() ? fingerprint_of(before) : turn.fingerprint;
  if (turn.seed) shape.seed = *turn.seed;
  return shape;
}

AnswerShape saying(AnswerShape shape, AnswerShape::Says says) {
  shape.says = says;
  return shape;
}

}  // namespace

Turned::Turned(const Turn& turn, const AnswerShape& before, bool canned, const Manners& manners)
    : turn_(turn),
      shape_(shape_after(turn, before)),
      plain_(all_dialects(shape_, canned, manners)),
      endless_(all_dialects(saying(shape_, AnswerShape::Says::kTooMuch), canned, manners)),
      nothing_(all_dialects(saying(shape_, AnswerShape::Says::kNothing), canned, manners)),
      same_(all_dialects(saying(shape_, AnswerShape::Says::kSame), canned, manners)) {}

Turned::Way Turned::way(std::uint64_t question) const {
  double point = Draw(mix(question ^ mix(shape_.seed ^ 0x7475726EULL))).share();
  const auto falls_in = [&point](double rate) {
    point -= rate;
    return point < 0;
  };
  if (falls_in(turn_.refusal)) return Way::kRefused;
  if (falls_in(turn_.truncation)) return Way::kEndless;
  if (falls_in(turn_.empty)) return Way::kNothing;
  return falls_in(turn_.duplicate) ? Way::kSame : Way::kPlain;
}

const Dialect& Turned::voice(Way way, std::size_t index) const {
  switch (way) {
    case Way::kEndless:
      return *endless_[index];
    case Way::kNothing:
      return *nothing_[index];
    case Way::kSame:
      return *same_[index];
    default:
      return *plain_[index];
  }
}

}  // namespace teachersim
