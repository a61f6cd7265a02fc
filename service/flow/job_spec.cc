#include "service/flow/job_spec.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "service/flow/settlement.h"

namespace harvest::flow {

namespace {
constexpr uint32_t kDefaultOutputCap = 1024;
}

absl::StatusOr<std::shared_ptr<const JobSpec>> make_job_spec(const v1::JobRecord& record, const FindTeacher& find) {
  auto spec = std::make_shared<JobSpec>();
  spec->number = record.number();
  spec->id = record.id();
  spec->tenant = record.tenant();
  spec->principal = record.principal();
  spec->job = record.job();
  spec->prompts = record.counters().prompts();
  spec->samples = std::max(1u, record.job().samples());
  for (const v1::Teacher& pinned : record.pinned_teachers()) {
    const auto found = find(pinned.name());
    if (!found)
      return absl::FailedPreconditionError(absl::StrCat("teacher ", pinned.name(), " is no longer configured"));
    const v1::Teacher& config = *found->config;
    if (config.model() != pinned.model() || config.model_revision() != pinned.model_revision() ||
        config.dialect() != pinned.dialect())
      return absl::FailedPreconditionError(absl::StrCat("teacher ", pinned.name(), " is now ", config.model(), " ",
                                                        config.model_revision(), ", the job was submitted for ",
                                                        pinned.model(), " ", pinned.model_revision()));
    const dialect::Dialect* dialect = dialect::find_dialect(config.dialect());
    if (dialect == nullptr)
      return absl::FailedPreconditionError(absl::StrCat("dialect ", config.dialect(), " is not known"));
    spec->teachers.push_back(
        {found->index, config, dialect, std::make_shared<store::Stamp>(make_stamp(*spec, config))});
  }
  return spec;
}

uint32_t output_cap(const v1::Sampling& merged, const v1::Teacher& teacher) {
  if (merged.has_max_output_tokens() && merged.max_output_tokens() > 0) return merged.max_output_tokens();
  return teacher.default_max_output_tokens() > 0 ? teacher.default_max_output_tokens() : kDefaultOutputCap;
}

}  // namespace harvest::flow
