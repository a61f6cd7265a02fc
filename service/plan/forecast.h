#pragma once

#include <vector>

namespace harvest::plan {

/// A figure foretold: in 90 of 100 cases the truth lies within low and high.
struct Interval {
  double low = 0;
  double expected = 0;
  double high = 0;

  Interval& operator+=(const Interval& other);
  friend Interval operator*(const Interval& interval, double by);
};

/// What one prompt of a sample takes of something: dollars, tokens, requests, seconds.
struct Row {
  double bytes = 0;      ///< of the prompt
  double by_bytes = 0;   ///< what grows with the prompt: another of the stratum takes it in proportion to its bytes
  double by_prompt = 0;  ///< what does not: another of the stratum takes as much as the mean
  double itself = 0;     ///< what this very prompt is yet to take; 0 where its answer is kept
};

/// Prompts of about one size, and those of them that were looked at.
struct Stratum {
  double prompts = 0;
  double bytes = 0;  ///< of all of them
  std::vector<Row> rows;
};

/// What all prompts take together, foretold from a stratified sample: the prompts that were looked at are known, the
/// rest of each stratum is predicted. README.md has the formulas and where they come from. A stratum of fewer than two
/// rows is joined with a neighbour; strata stand in order of size.
///
/// Requires a row. Pure.
Interval forecast(std::vector<Stratum> strata);

}  // namespace harvest::plan
