#include "service/limit/token_book.h"

#include <algorithm>
#include <cmath>

namespace harvest::limit {
namespace {

constexpr size_t kKindsMost = 256;
constexpr int64_t kBookAnswersLeast = 20;
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
  if (input_told(seen)) input_ratios.add(std::max<int64_t>(1, std::llround(ratio_of(seen) * kRatioUnit)));
  if (!told(seen.output_tokens)) return;
  outputs.add(seen.output_tokens, seen.cut_off);
  if (seen.cut_off) ++cut_off;
}

void TokenBook::learn(Kind kind, const Observation& seen) {
  if (!input_told(seen) && !told(seen.output_tokens)) return;
  if (input_told(seen)) densest_input_ratio_ = std::max(densest_input_ratio_, ratio_of(seen));
  teacher_.learn(seen);
  if (!kinds_.contains(kind)) make_room();
  Known& known = kinds_[kind];
  known.learn(seen);
  known.learned_at = ++learned_;
}

void TokenBook::make_room() {
  if (kinds_.size() < kKindsMost) return;
  kinds_.erase(std::min_element(kinds_.begin(), kinds_.end(), [](const auto& a, const auto& b) {
    return a.second.learned_at < b.second.learned_at;
  }));
}

const TokenBook::Known* TokenBook::find(Kind kind) const {
  const auto found = kinds_.find(kind);
  return found == kinds_.end() ? nullptr : &found->second;
}

void TokenBook::expect_input(int64_t tokens_per_kib) {
  expected_input_ratio_ = std::clamp(static_cast<double>(tokens_per_kib) / kKibi, 0.0, 1.0);
}

int64_t TokenBook::input_tokens_per_kib() const {
  if (teacher_.input_ratios.count() < kBookAnswersLeast) return 0;
  return std::llround(static_cast<double>(*teacher_.input_ratios.quantile(0.9)) / kRatioUnit * kKibi);
}

double TokenBook::first_input_ratio() const {
  const double least = std::max(expected_input_ratio_, densest_input_ratio_ * kDenserYet);
  return least > 0 ? least : 1;
}

int64_t TokenBook::input_tokens(Kind kind, int64_t input_tokens_max, double quantile) const {
  const Known* known = find(kind);
  if (known == nullptr || known->input_ratios.count() < kBookAnswersLeast) known = &teacher_;
  double ratio = first_input_ratio();
  if (known->input_ratios.count() >= kBookAnswersLeast)
    if (const auto seen = known->input_ratios.quantile(quantile)) ratio = static_cast<double>(*seen) / kRatioUnit;
  // A negative bound is none, and a double that is out of range must not become an integer.
  const double bound = std::clamp(static_cast<double>(input_tokens_max), 1.0, static_cast<double>(kTokensMost));
  return static_cast<int64_t>(std::ceil(std::min(1.0, ratio) * bound));
}

int64_t TokenBook::output_tokens(Kind kind, int64_t output_tokens_max, double quantile) const {
  if (output_tokens_max <= 0) return 0;
  const Known* known = find(kind);
  if (known == nullptr || known->outputs.count() < kBookAnswersLeast) known = &teacher_;
  if (known->outputs.count() < kBookAnswersLeast) return output_tokens_max;
  return std::min(output_tokens_max, known->outputs.quantile(quantile).value_or(output_tokens_max));
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
