#include "service/flow/plan_key.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/corpus/digest.h"

namespace harvest::flow {

absl::StatusOr<store::PlanKey> plan_key(const std::string& tenant, const v1::Job& job,
                                        std::string_view prompts_sha256) {
  store::PlanKey key{.tenant = tenant};
  const bool is_hex = std::all_of(prompts_sha256.begin(), prompts_sha256.end(),
                                  [](unsigned char c) { return absl::ascii_isxdigit(c); });
  if (prompts_sha256.size() != 2 * key.prompts.size() || !is_hex)
    return absl::InvalidArgumentError(
        absl::StrCat("prompts_sha256: found ", prompts_sha256.size(), " bytes, expected 64 hex digits"));
  const std::string prompts = absl::HexStringToBytes(std::string(prompts_sha256));
  std::copy(prompts.begin(), prompts.end(), key.prompts.begin());
  v1::Job shape;
  *shape.mutable_teachers() = job.teachers();
  *shape.mutable_use() = job.use();  // decides what is reused
  *shape.mutable_sampling() = job.sampling();
  shape.set_system(job.system());
  shape.set_template_(job.template_());
  shape.set_samples(std::max(1u, job.samples()));
  shape.set_until(job.until());
  shape.set_ask(job.ask());
  shape.set_fresh(job.fresh());
  shape.set_max_age(job.max_age());
  shape.set_route(job.route());
  key.job = corpus::sha256(shape.SerializeAsString());
  return key;
}

}  // namespace harvest::flow
