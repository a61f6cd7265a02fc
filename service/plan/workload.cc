#include "service/plan/workload.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace harvest::plan {

namespace {

/// Answers of late say something of the next ones from so many on (as in limit/token_book.h).
constexpr uint64_t kLearnedAnswersMin = 20;
/// What was answered of late was asked by other prompts: their mean may be off by this factor either way.
constexpr double kLearnedOff = 2;
/// Bytes of a token: of dense text, of common text, of nothing but common words.
constexpr double kBytesOfToken[] = {6, 4, 2.5};
constexpr double kNormalP90 = 1.2816;

/// Output tokens of one answer, nothing of the sample being known.
struct Guess {
  Interval output_tokens;
  std::string_view basis;
};

Guess guess_of(const TeacherFacts& teacher) {
  const double cap = teacher.output_cap;
  const auto& learned = teacher.learned;
  if (!learned || learned->answers < kLearnedAnswersMin) return {{0, cap / 2, cap}, "bounds"};
  // Of which so many were cut off that nobody knows how long they would have been: by the next cap as well, perhaps.
  if (learned->output_median <= 0) return {{cap / 4, cap * 3 / 4, cap}, "learned"};
  const double p90 = learned->output_p90 > 0 ? learned->output_p90 : std::max(cap, learned->output_median);
  // Lengths of answers are about log-normal: median and p90 tell its mean.
  const double sigma = std::log(std::max(1.0, p90 / learned->output_median)) / kNormalP90;
  const double mean = std::min(cap, learned->output_median * std::exp(sigma * sigma / 2));
  return {{mean / kLearnedOff, mean, std::min(cap, mean * kLearnedOff)}, "learned"};
}

Interval each(const Interval& a, const Interval& b) {
  return {a.low * b.low, a.expected * b.expected, a.high * b.high};
}

Interval priced(const Load& load, const Price& price) {
  Interval cost = load.input_tokens * price.input_usd;
  cost += load.output_tokens * price.output_usd;
  return cost;
}

void guess(const Facts& facts, const Asked& asked, Workload& work) {
  const Guess guessed = guess_of(*asked.teacher);
  work.basis = guessed.basis;
  work.load.output_tokens = each(work.queries, guessed.output_tokens);
  const Interval bytes = total_of(
      facts, {&asked, 1},
      [&](const TeacherFacts&, const Sampled& sampled, const Take& take) {
        return Figure{sampled.bytes * take.requests, facts.system_bytes * take.requests};
      },
      false);
  work.load.input_tokens = {bytes.low / kBytesOfToken[0], bytes.expected / kBytesOfToken[1],
                            bytes.high / kBytesOfToken[2]};
  work.cost_usd = priced(work.load, asked.teacher->online);
  work.batch_cost_usd = priced(work.load, asked.teacher->batch);
}

void measure(const Facts& facts, const Asked& asked, Workload& work) {
  work.basis = "pilot";
  const auto total = [&](const FigureOf& figure) { return total_of(facts, {&asked, 1}, figure, true); };
  work.load.input_tokens = total([](auto&, auto&, const Take& take) { return Figure{take.input_tokens, 0}; });
  work.load.output_tokens = total([](auto&, auto&, const Take& take) { return Figure{0, take.output_tokens}; });
  const double most = work.queries.high * asked.teacher->output_cap;
  work.load.output_tokens.high =
      std::max(work.load.output_tokens.expected, std::min(work.load.output_tokens.high, most));
  work.cost_usd = total(cost_of(false));
  work.batch_cost_usd = total(cost_of(true));
}

bool told_by_all(std::span<const Asked> asked, size_t stratum, size_t place) {
  return std::all_of(asked.begin(), asked.end(), [&](const Asked& one) {
    return one.weights[stratum][place] == 0 || one.teacher->strata[stratum][place].told;
  });
}

/// How long its answers take, as far as they were timed.
void time_answers(const TeacherFacts& teacher, Load& load) {
  double sum = 0, answers = 0;
  for (const auto& stratum : teacher.strata)
    for (const Sampled& sampled : stratum) {
      if (sampled.told && sampled.alike.requests > 0)
        load.input_largest = std::max(load.input_largest, sampled.alike.input_tokens / sampled.alike.requests);
      if (sampled.seconds <= 0) continue;
      sum += sampled.seconds;
      ++answers;
      load.slowest_seconds = std::max(load.slowest_seconds, sampled.seconds);
    }
  if (answers > 0) load.seconds = sum / answers;
}

}  // namespace

FigureOf cost_of(bool by_batch) {
  return [by_batch](const TeacherFacts&, const Sampled&, const Take& take) {
    return by_batch ? Figure{take.batch_input_usd, take.batch_output_usd} : Figure{take.input_usd, take.output_usd};
  };
}

bool is_measured(const Facts& facts, std::span<const Asked> asked) {
  double prompts = 0, told = 0, to_ask = 0;
  for (size_t h = 0; h < facts.strata.size(); ++h) {
    prompts += facts.strata[h].prompts;
    for (size_t i = 0; i < asked.front().teacher->strata[h].size(); ++i) {
      if (!told_by_all(asked, h, i)) continue;
      ++told;
      to_ask += std::any_of(asked.begin(), asked.end(),
                            [&](const Asked& one) { return one.teacher->strata[h][i].alike.queries > 0; });
    }
  }
  // Prompts that need not be asked tell nothing of what asking takes, unless they are all that there are.
  return to_ask >= 2 || (told > 0 && told >= prompts);
}

Interval total_of(const Facts& facts, std::span<const Asked> asked, const FigureOf& figure, bool told_alone) {
  std::vector<Stratum> strata;
  for (size_t h = 0; h < facts.strata.size(); ++h) {
    Stratum& stratum = strata.emplace_back(Stratum{facts.strata[h].prompts, facts.strata[h].bytes, {}});
    for (size_t i = 0; i < asked.front().teacher->strata[h].size(); ++i) {
      if (told_alone && !told_by_all(asked, h, i)) continue;
      Row& row = stratum.rows.emplace_back();
      for (const Asked& one : asked) {
        const Sampled& sampled = one.teacher->strata[h][i];
        const double weight = one.weights[h][i];
        const Figure alike = figure(*one.teacher, sampled, sampled.alike);
        const Figure itself = figure(*one.teacher, sampled, sampled.itself);
        row.bytes = sampled.bytes;
        row.by_bytes += weight * alike.by_bytes;
        row.by_prompt += weight * alike.by_prompt;
        row.itself += weight * (itself.by_bytes + itself.by_prompt);
      }
    }
  }
  return forecast(std::move(strata));
}

Workload workload_of(const Facts& facts, const Asked& asked) {
  Workload work;
  const auto counted = [&](double Take::*figure) {
    return total_of(
        facts, {&asked, 1},
        [figure](const TeacherFacts&, const Sampled&, const Take& take) {
          return Figure{0, take.*figure};
        },
        false);
  };
  const TeacherFacts& teacher = *asked.teacher;
  work.queries = counted(&Take::queries);
  work.load.requests = counted(&Take::requests) * teacher.attempts_per_query;
  time_answers(teacher, work.load);
  is_measured(facts, {&asked, 1}) ? measure(facts, asked, work) : guess(facts, asked, work);
  if (work.load.seconds > 0) {
    const Interval seconds = total_of(
        facts, {&asked, 1},
        [&](const TeacherFacts&, const Sampled& sampled, const Take& take) {
          return Figure{0, take.requests * (sampled.seconds > 0 ? sampled.seconds : work.load.seconds)};
        },
        false);
    work.load.busy_seconds = seconds * teacher.attempts_per_query;
  }
  work.load.output_reserved = teacher.output_cap_counts
                                  ? teacher.output_cap
                                  : work.load.output_tokens.expected / std::max(1.0, work.load.requests.expected);
  return work;
}

}  // namespace harvest::plan
