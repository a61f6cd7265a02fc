#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "service/plan/facts.h"
#include "service/plan/forecast.h"
#include "service/plan/pace.h"

namespace harvest::plan {

/// Which share of each sampled prompt's queries comes to a teacher: by stratum, and by place in it.
using Weights = std::vector<std::vector<double>>;

struct Asked {
  const TeacherFacts* teacher = nullptr;
  Weights weights;
};

/// A figure of one prompt at one teacher: what of it grows with the prompt's bytes, and what does not.
struct Figure {
  double by_bytes = 0;
  double by_prompt = 0;
};
using FigureOf = std::function<Figure(const TeacherFacts&, const Sampled&, const Take&)>;

/// What a job's prompts take of a figure, at these teachers together. `told_alone`: from the prompts alone whose
/// answers were seen, at each of them; there must be one.
Interval total_of(const Facts& facts, std::span<const Asked> asked, const FigureOf& figure, bool told_alone);

/// What of a job comes to one teacher.
struct Workload {
  Interval queries;
  Interval cost_usd;
  Interval batch_cost_usd;
  Load load;
  std::string_view basis;  ///< pilot, learned, bounds: as in v1::Plan.Part
};

/// From the answers to the sample where these are enough; else from what the teacher's answers were like of late; else
/// from what bounds them.
Workload workload_of(const Facts& facts, const Asked& asked);

/// Were answers enough to foretell from seen, at each of them?
bool is_measured(const Facts& facts, std::span<const Asked> asked);

/// By the route that the job goes, or by batch.
FigureOf cost_of(bool by_batch);

}  // namespace harvest::plan
