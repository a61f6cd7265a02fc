#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "tests/teachersim/answers/draw.h"
#include "tests/teachersim/dialects/dialect.h"

namespace teachersim {

/// How long an answer's text is. With a spread the lengths are log-normal around the bounds' geometric mean, as real
/// answers' are, and held within the bounds where there are two.
inline std::size_t text_bytes(const AnswerShape& shape, Draw& draw) {
  constexpr double kLongest = 1e8;
  if (shape.bytes_sigma <= 0) {
    const auto spread = static_cast<std::uint64_t>(shape.bytes_max - shape.bytes_min + 1);
    return static_cast<std::size_t>(shape.bytes_min) + draw.below(spread);
  }
  const auto least = static_cast<double>(shape.bytes_min), most = static_cast<double>(shape.bytes_max);
  const double drawn = std::sqrt(least * most) * std::exp(shape.bytes_sigma * draw.normal());
  const bool bounded = shape.bytes_min < shape.bytes_max;
  return static_cast<std::size_t>(std::clamp(drawn, bounded ? least : 1.0, bounded ? most : kLongest));
}

}  // namespace teachersim
