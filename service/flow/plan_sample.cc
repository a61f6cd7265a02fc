#include "service/flow/plan_sample.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "proto/text/money.h"
#include "proto/text/time.h"
#include "service/dialect/registry/registry.h"
#include "service/flow/job_spec.h"
#include "service/flow/sample_groups.h"
#include "storage/corpus/query_merge.h"

namespace harvest::flow {

namespace {

/// How many of a prompt's samples go in one request.
uint32_t group_of(const v1::Teacher& teacher, const v1::Sampling& sampling) {
  const dialect::Dialect* dialect = dialect::find_dialect(teacher.dialect());
  if (dialect == nullptr || !may_be_joined(sampling)) return 1;
  return std::max(1u, dialect->abilities(teacher).choices_max);
}

v1::Usage with_output(const v1::Usage& one, double times) {
  v1::Usage usage = one;
  usage.set_output_tokens(static_cast<uint64_t>(static_cast<double>(one.output_tokens()) * times));
  usage.set_reasoning_tokens(static_cast<uint64_t>(static_cast<double>(one.reasoning_tokens()) * times));
  return usage;
}

}  // namespace

absl::StatusOr<PlanSample> PlanSample::of(Parts parts, const v1::Teacher& teacher) {
  const int64_t day = text::day_of(parts.utc_us);
  if (absl::Status status = check_priced(teacher, day); !status.ok()) return status;
  const auto book = price::PriceBook::of(teacher);
  if (!book.ok()) return book.status();
  return PlanSample(std::move(parts), teacher, *book->on(day));
}

bool PlanSample::serves(const v1::Answer& answer, int64_t output_cap) const {
  return !parts_.job.fresh() && may_serve(answer, output_cap, parts_.terms, parts_.utc_us).ok() &&
         parts_.may_reuse(answer.teacher(), parts_.job.use());
}

PlanSample::Seen PlanSample::seen_of(const v1::Answer& answer) const {
  Seen seen;
  const auto samples = std::max(1u, answer.samples());
  seen.one = with_output(answer.usage(), 1.0 / samples);
  // What a vendor does not tell was booked at its bound, and will be.
  if (!answer.usage().reported()) seen.usd = text::dollars_of(answer.cost_picodollars()) / samples;
  // How long an answer took in a batch tells nothing.
  if (answer.route().empty())
    seen.seconds = static_cast<double>(std::max<int64_t>(0, answer.completed_at_us() - answer.requested_at_us())) / 1e6;
  return seen;
}

double PlanSample::usd(const v1::Usage& usage, std::string_view route, const std::string& service_tier) const {
  const price::Billing billing{.route = route, .service_tier = route.empty() ? service_tier : ""};
  const auto cost = prices_.list.cost(usage, billing);
  return text::dollars_of(cost.value_or(prices_.list.cost_max(static_cast<int64_t>(usage.input_tokens()),
                                                              static_cast<int64_t>(usage.output_tokens()), billing)));
}

plan::Price PlanSample::price(std::string_view route) const {
  constexpr uint64_t kMany = 1'000'000;
  v1::Usage input, output;
  input.set_input_tokens(kMany);
  output.set_output_tokens(kMany);
  const std::string& tier = parts_.job.sampling().service_tier();
  return {usd(input, route, tier) / kMany, usd(output, route, tier) / kMany};
}

plan::Take PlanSample::take(const v1::Sampling& sampling, const Seen* seen, uint32_t queries) const {
  plan::Take take{.queries = static_cast<double>(queries)};
  const uint32_t group = parts_.job.until().empty() ? group_of(teacher_, sampling) : 1;  // one after the other
  const uint32_t requests = (queries + group - 1) / group;
  take.requests = requests;
  if (seen == nullptr || queries == 0) return take;
  const double each = static_cast<double>(queries) / requests;
  take.input_tokens = static_cast<double>(seen->one.input_tokens()) * requests;
  take.output_tokens = static_cast<double>(seen->one.output_tokens()) * queries;
  if (seen->usd) {
    take.output_usd = take.batch_output_usd = *seen->usd * queries;
    return take;
  }
  const v1::Usage whole = with_output(seen->one, each), input = with_output(seen->one, 0);
  const auto& tier = sampling.service_tier();
  take.input_usd = usd(input, "", tier) * requests;
  take.output_usd = usd(whole, "", tier) * requests - take.input_usd;
  take.batch_input_usd = usd(input, "batch", tier) * requests;
  take.batch_output_usd = usd(whole, "batch", tier) * requests - take.batch_input_usd;
  return take;
}

plan::Sampled PlanSample::look_at(const v1::Prompt& prompt) {
  const uint32_t samples = std::max(1u, parts_.job.samples());
  const v1::Sampling sampling = corpus::merge_sampling(parts_.job.sampling(), prompt.sampling(), 0);
  const int64_t cap = output_cap(sampling, teacher_);
  std::vector<store::Identity> identities;
  for (uint32_t sample = 0; sample < samples; ++sample)
    identities.push_back(identity_of(parts_.job, teacher_, prompt, sample));
  uint32_t missing_before = samples, missing = samples;
  std::optional<Seen> seen;
  for (const auto& known : parts_.store.find_answers(parts_.tenant, identities)) {
    if (!known) continue;
    const auto answer = parts_.store.answer(known->answer);
    if (!answer.ok()) continue;
    if (!seen || answer->job() == parts_.pilot_job_id) seen = seen_of(*answer);
    if (!serves(*answer, cap)) continue;
    --missing;
    if (parts_.pilot_job_id.empty() || answer->job() != parts_.pilot_job_id) --missing_before;
  }
  const PilotAnswers::Ended* end = parts_.pilot.find(teacher_.name(), identities.front());
  if (end != nullptr && !end->without_answer) {
    seen = seen_of(end->answer);
    ++pilot_answers_;
  }
  if (seen) {
    // An answer to the same under a larger cap: what this one's cap lets through.
    const auto most = static_cast<uint64_t>(cap);
    seen->one.set_output_tokens(std::min<uint64_t>(seen->one.output_tokens(), most));
    seen->one.set_reasoning_tokens(std::min<uint64_t>(seen->one.reasoning_tokens(), seen->one.output_tokens()));
  }
  const Seen* told = seen ? &*seen : nullptr;
  plan::Sampled sampled{.bytes = static_cast<double>(prompt.ByteSizeLong())};
  sampled.ended = told == nullptr && end != nullptr;
  sampled.told = told != nullptr || sampled.ended || missing_before == 0;
  sampled.known = missing_before < samples;
  sampled.alike = take(sampling, told, missing_before);
  sampled.itself = take(sampling, told, missing);
  sampled.seconds = told != nullptr ? told->seconds : 0;
  return sampled;
}

}  // namespace harvest::flow
