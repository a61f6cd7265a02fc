#include "service/flow/audit.h"

#include <algorithm>
#include <limits>
#include <map>

#include "absl/strings/str_cat.h"
#include "proto/text/money.h"
#include "proto/text/time.h"
#include "proto/text/ulid.h"

namespace harvest::flow {

namespace {

/// `otherwise` where the request names no day.
absl::StatusOr<uint32_t> day_of(const std::string& written, const char* field, uint32_t otherwise) {
  if (written.empty()) return otherwise;
  auto day = text::parse_day(written);
  if (!day.ok()) return absl::InvalidArgumentError(absl::StrCat(field, ": ", day.status().message()));
  return static_cast<uint32_t>(std::max<int64_t>(0, *day));
}

}  // namespace

v1::LostAttempt Audit::tell(const store::LostAttempt& lost) const {
  const v1::Intent& intent = lost.intent;
  v1::LostAttempt told;
  if (auto id = text::ulid_of_bytes(intent.id()); id.ok()) told.set_attempt_id(text::to_text(*id));
  if (auto record = store_.job(intent.job_number()); record.ok()) {
    told.set_job_id(record->id());
    told.set_prompt(intent.ordinal() / store::ordinals_per_prompt(record->job()));
    told.set_sample(store::sample_at(record->job(), intent.ordinal(), intent.turn()));
  }
  told.set_samples(intent.choices());
  told.set_teacher(intent.teacher());
  told.set_cost_max_usd(text::format_usd(intent.cost_max_picodollars()));
  told.set_started_at_us(intent.started_at_us());
  told.set_found_at_us(lost.found_at_us);
  return told;
}

absl::StatusOr<v1::Bill> Audit::bill(const v1::GetBillRequest& request) const {
  auto first = day_of(request.first_day(), "first_day", 0);
  if (!first.ok()) return first.status();
  auto last = day_of(request.last_day(), "last_day", std::numeric_limits<uint32_t>::max());
  if (!last.ok()) return last.status();
  if (*last < *first)
    return absl::InvalidArgumentError(absl::StrCat("last_day: found ", request.last_day(), ", expected ",
                                                   request.first_day(), " (first_day) or a later day"));
  // As the configuration names them, with what it leaves open filled in; of others, as they were configured last.
  std::map<std::string, v1::Teacher> teachers;
  for (const store::TeacherState& stored : store_.teachers()) {
    const auto configured = teachers_.find(stored.teacher.name());
    teachers.emplace(stored.teacher.name(), configured ? *configured : stored.teacher);
  }
  v1::Bill bill;
  int64_t spent = 0, at_risk = 0;
  for (const store::Store::DayOfTeacher& row : store_.teacher_days(*first, *last)) {
    const v1::Teacher& teacher = teachers[row.teacher];
    v1::Bill::Line* line = bill.add_lines();
    line->set_day(text::format_day(row.day));
    line->set_teacher(row.teacher);
    line->set_vendor(teacher.vendor());
    line->set_model(teacher.model());
    line->set_requests(row.figures.requests);
    line->set_input_tokens(static_cast<uint64_t>(row.figures.input_tokens));
    line->set_output_tokens(static_cast<uint64_t>(row.figures.output_tokens));
    line->set_spent_usd(text::format_usd(row.figures.spent_picodollars));
    line->set_at_risk_usd(text::format_usd(row.figures.at_risk_picodollars));
    spent += row.figures.spent_picodollars;
    at_risk += row.figures.at_risk_picodollars;
  }
  bill.set_spent_usd(text::format_usd(spent));
  bill.set_at_risk_usd(text::format_usd(at_risk));
  return bill;
}

}  // namespace harvest::flow
