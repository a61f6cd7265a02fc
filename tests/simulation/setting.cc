// What a seed stands for.
#include "tests/simulation/setting.h"

#include <algorithm>
#include <cmath>

namespace harvest::simulation {
namespace {

using teachersim::limits::Plan;
using namespace std::chrono_literals;

/// Ten minutes to midnight, so that some runs cross it: of the first day, of a month, and of no day in particular.
constexpr Time kStarts[] = {24h - 10min, 31 * 24h - 10min, 100h};
constexpr double kWeights[] = {0.5, 1, 1, 2, 10};
constexpr int kPriorities = 3;
constexpr double kPriorityWeights[kPriorities] = {1, 4, 16};

/// The largest amount that the plan can ever grant at once, and a little less.
int64_t most_at_once(int64_t per_minute, const Plan& plan) {
  if (per_minute == 0) return 3000;
  return std::max<int64_t>(per_minute * (plan.token_window / 1s) / 60 * 9 / 10, 2);
}

/// As large as every teacher of the job can grant, before and after its limits change.
Question largest(const Setting& setting, const JobSetting& job) {
  Question most{.input_tokens = 3000, .output_cap = 1500};
  const auto bound = [&](const Plan& plan) {
    most.input_tokens = std::min(most.input_tokens, most_at_once(plan.input_tokens_per_minute, plan));
    most.output_cap = std::min(most.output_cap, most_at_once(plan.output_tokens_per_minute, plan));
    if (plan.tokens_per_minute == 0) return;
    const int64_t half = std::max<int64_t>(most_at_once(plan.tokens_per_minute, plan) / 2, 1);
    most.input_tokens = std::min(most.input_tokens, half);
    most.output_cap = std::min(most.output_cap, half);
  };
  for (const uint32_t teacher : job.teachers) {
    const Manners& manners = setting.teachers[teacher].manners;
    bound(manners.plan);
    if (manners.changes_at) bound(manners.plan_then);
  }
  return most;
}

/// Even up to the largest; most of them small and some large; or all small but for a few of the largest.
int64_t draw_size(int64_t kind, int64_t most, Random& random) {
  if (kind == 0) return random.between(1, most);
  if (kind == 1)
    return std::clamp<int64_t>(std::llround(static_cast<double>(most) * std::exp(-7 * random.unit())), 1, most);
  return random.chance(0.05) ? most : random.between(1, std::max<int64_t>(most / 50, 1));
}

/// At the dearest of its teachers.
int64_t worst_cost(const Setting& setting, const JobSetting& job) {
  int64_t worst = 0;
  for (const Question& question : job.questions) {
    int64_t dearest = 0;
    for (const uint32_t number : job.teachers) {
      const TeacherSetting& teacher = setting.teachers[number];
      dearest =
          std::max(dearest, question.input_tokens * teacher.input_price + question.output_cap * teacher.output_price);
    }
    worst += dearest;
  }
  return worst;
}

limit::Purse::Caps draw_caps(int64_t whole, Random& random) {
  limit::Purse::Caps caps;
  if (random.chance(0.15)) caps.day = whole / 4 + random.between(0, whole);
  if (random.chance(0.08)) caps.month = whole / 3 + random.between(0, whole);
  return caps;
}

void draw_shares(Setting& setting, Random& random) {
  std::vector<double> tenant_weights;
  for (size_t i = 0; i < setting.tenants.size(); ++i) tenant_weights.push_back(random.pick(kWeights));
  double floors = 0;
  for (JobSetting& job : setting.jobs) {
    const auto tenant = static_cast<uint32_t>(random.between(0, static_cast<int64_t>(setting.tenants.size()) - 1));
    const auto priority = static_cast<uint8_t>(random.between(0, kPriorities - 1));
    job.share = {.tenant = tenant,
                 .tenant_weight = tenant_weights[tenant],
                 .priority = priority,
                 .priority_weight = kPriorityWeights[priority],
                 .weight = random.pick(kWeights)};
    if (!random.chance(0.2)) continue;
    const double floor = random.unit() * 0.5;
    if (floors + floor < 0.9) job.share.floor = floor;
    floors += job.share.floor;
  }
}

}  // namespace

Time Setting::whole() const {
  int64_t calls = 0, input = 0, output = 0;
  for (const JobSetting& job : jobs)
    for (const Question& question : job.questions) {
      ++calls;
      input += question.input_tokens;
      output += question.output_cap;
    }
  Time longest{0};
  const auto at = [&](int64_t amount, int64_t per_minute) {
    if (per_minute > 0) longest = std::max(longest, Time(60s) / per_minute * amount);
  };
  for (const TeacherSetting& teacher : teachers) {
    const Manners& manners = teacher.manners;
    const Plan& plan = manners.changes_at ? manners.plan_then : manners.plan;
    at(calls, plan.requests_per_minute);
    at(input, plan.input_tokens_per_minute);
    at(output, plan.output_tokens_per_minute);
    at(input + output, plan.tokens_per_minute);
    if (plan.concurrency > 0) longest = std::max(longest, manners.latency_max / plan.concurrency * calls);
  }
  return longest;
}

Setting draw_setting(Random& random, Random& aside) {
  Setting setting;
  setting.start = random.pick(kStarts);
  setting.calm_at = setting.start + random.upto(4min);
  setting.network = random.pick(kNetworks);
  setting.estimates_put_right = random.chance(0.5);
  setting.tenants.resize(static_cast<size_t>(random.between(1, 3)));
  setting.jobs.resize(static_cast<size_t>(random.between(1, 5)));
  draw_shares(setting, random);

  int64_t calls = 0;
  for (JobSetting& job : setting.jobs) {
    job.questions.resize(static_cast<size_t>(random.between(5, 50)));
    calls += static_cast<int64_t>(job.questions.size());
  }
  const int64_t teachers = random.chance(0.3) ? 2 : 1;
  for (int64_t i = 0; i < teachers; ++i)
    setting.teachers.push_back(draw_teacher(setting, calls / teachers, random, aside));

  int64_t whole = 0;
  const double hopeless = random.unit() * 0.1;
  for (JobSetting& job : setting.jobs) {
    for (uint32_t teacher = 0; teacher < teachers; ++teacher)
      if (random.chance(0.6)) job.teachers.push_back(teacher);
    if (job.teachers.empty()) job.teachers.push_back(0);
    const Question most = largest(setting, job);
    const int64_t sizes = random.between(0, 2);
    for (Question& question : job.questions)
      question = {.input_tokens = draw_size(sizes, most.input_tokens, random),
                  .output_cap = draw_size(sizes, most.output_cap, random),
                  .hopeless = random.chance(hopeless)};
    const int64_t worst = worst_cost(setting, job);
    if (random.chance(0.3)) job.cap = static_cast<int64_t>(static_cast<double>(worst) * random.unit() * 1.5);
    whole += worst;
  }
  for (TeacherSetting& teacher : setting.teachers) teacher.caps = draw_caps(whole / teachers, random);
  for (limit::Purse::Caps& caps : setting.tenants) caps = draw_caps(whole / 2, random);
  if (random.chance(0.5))
    for (int64_t i = random.between(1, 3); i > 0; --i)
      setting.crashes.push_back(setting.start + random.upto(setting.calm_at - setting.start));
  return setting;
}

}  // namespace harvest::simulation
