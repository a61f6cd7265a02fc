#include "service/limit/token_book.h"

#include <algorithm>
#include <cmath>

namespace harvest::limit {
namespace {

constexpr size_t kKindsMost = 256;
constexpr int64_t kBookAnswersLeast = 20;
constexpr size_t kKindsFew = 32;
constexpr int64_t kTokensMost = int64_t{1} << 40;
constexpr double kRatioUnit = 4096;
constexpr double kKibi = 1024;
constexpr double kDenserYet = 1.25;  ///< than the densest of a few

bool told(int64_t tokens) {
  return tokens > 0 && tokens <= kTokensMost;
}

bool input_told(const TokenBook::Observation& seen) {
  return told(seen.input_tokens_max) && told(seen.input_tokens);
}

/// Reported tokens for each byte of the bound; special tokens that no byte stands for are few.
double ratio_of(const TokenBook::Observation& seen) {
  return std::min(1.0, static_cast<double>(seen.input_tokens) / static_cast<double>(seen.input_tokens_max));
}

}  // namespace

void TokenBook::Known::learn(const Observation& seen) {
  if (input_told(seen)) {
    input_ratios.add(std::max<int64_t>(1, std::llround(ratio_of(seen) * kRatioUnit)));
    densest_input_ratio = std::max(densest_input_ratio, ratio_of(seen));
  }
  if (!told(seen.output_tokens)) return;
  longest_output = std::max(longest_output, seen.output_tokens);
  outputs.add(seen.output_tokens, seen.cut_off);
  if (seen.cut_off) ++cut_off;
}

bool TokenBook::Known::knows_input() const {
  return input_ratios.count() >= kBookAnswersLeast;
}

double TokenBook::Known::input_ratio(double quantile) const {
  return static_cast<double>(*input_ratios.quantile(quantile)) / kRatioUnit;
}

void TokenBook::learn(Kind kind, const Observation& seen) {
  if (!input_told(seen) && !told(seen.output_tokens)) return;
  teacher_.learn(seen);
  if (!kinds_.contains(kind)) make_room();
  Known& known = kinds_[kind];
  const bool knew = known.knows_input();
  known.learn(seen);
  grown_ += known.knows_input() && !knew ? 1 : 0;
  known.learned_at = ++learned_;
}

void TokenBook::make_room() {
  if (kinds_.size() < kKindsMost) return;
  const auto oldest = std::min_element(kinds_.begin(), kinds_.end(), [](const auto& a, const auto& b) {
    return a.second.learned_at < b.second.learned_at;
  });
  grown_ -= oldest->second.knows_input() ? 1 : 0;
  kinds_.erase(oldest);
}

const TokenBook::Known* TokenBook::find(Kind kind) const {
  const auto found = kinds_.find(kind);
  return found == kinds_.end() ? nullptr : &found->second;
}

void TokenBook::expect_input(int64_t tokens_per_kib) {
  expected_input_ratio_ = std::clamp(static_cast<double>(tokens_per_kib) / kKibi, 0.0, 1.0);
}

int64_t TokenBook::input_tokens_per_kib() const {
  return teacher_.knows_input() ? std::llround(teacher_.input_ratio(0.9) * kKibi) : 0;
}

bool TokenBook::kinds_tell() const {
  return kinds_.size() < kKindsFew || 2 * grown_ >= kinds_.size();
}

double TokenBook::young_input_ratio(const Known* kind, double quantile) const {
  const bool teacher_knows = teacher_.knows_input();
  if (teacher_knows && !kinds_tell()) return teacher_.input_ratio(quantile);
  // Of a teacher's first answers all are of use, whatever their kind.
  const Known* seen = teacher_knows ? kind : &teacher_;
  const double densest = seen == nullptr ? 0 : seen->densest_input_ratio;
  const double least = teacher_knows ? teacher_.input_ratio(quantile) : expected_input_ratio_;
  if (densest > 0) return std::max(least, densest * kDenserYet);
  return teacher_knows || least == 0 ? 1 : least;
}

int64_t TokenBook::input_tokens(Kind kind, int64_t input_tokens_max, double quantile) const {
  const Known* known = find(kind);
  const bool knows = known != nullptr && known->knows_input();
  const double ratio = knows ? known->input_ratio(quantile) : young_input_ratio(known, quantile);
  // A negative bound is none, and a double that is out of range must not become an integer.
  const double bound = std::clamp(static_cast<double>(input_tokens_max), 1.0, static_cast<double>(kTokensMost));
  return static_cast<int64_t>(std::ceil(std::min(1.0, ratio) * bound));
}

int64_t TokenBook::output_tokens(Kind kind, int64_t output_tokens_max, double quantile) const {
  if (output_tokens_max <= 0) return 0;
  const Known* known = find(kind);
  if (known != nullptr && known->outputs.count() >= kBookAnswersLeast)
    return std::min(output_tokens_max, known->outputs.quantile(quantile).value_or(output_tokens_max));
  if (teacher_.outputs.count() < kBookAnswersLeast) return output_tokens_max;
  // The first answers to come back are short ones: a long one among them tells, their mean does not.
  const int64_t longest = known == nullptr ? 0 : known->longest_output;
  const int64_t expected = teacher_.outputs.quantile(quantile).value_or(output_tokens_max);
  return std::min(output_tokens_max, std::max(expected, longest));
}

TokenBook::Figures TokenBook::figures_of(const Known& known) {
  Figures figures;
  figures.answers = known.outputs.count();
  figures.cut_off = known.cut_off;
  if (const auto ratio = known.input_ratios.quantile(0.5))
    figures.input_ratio_median = static_cast<double>(*ratio) / kRatioUnit;
  figures.output_median = known.outputs.quantile(0.5);
  figures.output_p90 = known.outputs.quantile(0.9);
  figures.output_p99 = known.outputs.quantile(0.99);
  return figures;
}

TokenBook::Figures TokenBook::figures(Kind kind) const {
  const Known* known = find(kind);
  return known == nullptr ? Figures{} : figures_of(*known);
}

TokenBook::Figures TokenBook::figures() const {
  return figures_of(teacher_);
}

}  // namespace harvest::limit
