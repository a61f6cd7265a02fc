#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harvest/v1/teacher.pb.h"
#include "service/limit/purse.h"
#include "service/schedule/share.h"
#include "tests/simulation/event_queue.h"
#include "tests/simulation/model_teacher.h"
#include "tests/simulation/network.h"

namespace harvest::simulation {

/// A query that waits to be asked.
struct Question {
  int64_t input_tokens = 0;
  int64_t output_cap = 0;
  bool hopeless = false;  ///< no teacher will ever take it
};

struct JobSetting {
  schedule::Share share;
  std::vector<uint32_t> teachers;  ///< each question is for one of them, whichever comes first
  std::optional<int64_t> cap;
  std::vector<Question> questions;
};

struct TeacherSetting {
  v1::Limits told;  ///< what the limiter is told of what is enforced; the rest it must find
  /// What is enforced from `manners.changes_at` on, as far as the limiter is told so then. Nothing: nobody tells it.
  std::optional<v1::Limits> told_then;
  bool told_the_network = true;  ///< else the limiter takes it for a better one
  bool told_the_window = true;   ///< of enforcement, where that is not a minute
  Manners manners;
  limit::Purse::Caps caps;
  int64_t input_price = 3, output_price = 12;
};

/// Everything that a seed stands for, drawn before anything happens: tenants with jobs of all shares and caps, teachers
/// of every enforcement with limits stated or not, changed, and used by others; a network; faults, storms and crashes.
/// What happens by chance later is drawn by the world as it goes.
struct Setting {
  Time start{0};    ///< mostly shortly before the end of a day, or of a month
  Time calm_at{0};  ///< no more faults, storms, crashes, changes and neighbours from here on
  Network network;
  std::vector<limit::Purse::Caps> tenants;
  std::vector<TeacherSetting> teachers;
  std::vector<JobSetting> jobs;
  std::vector<Time> crashes;
  bool estimates_put_right = false;  ///< the queue is told what an answer really took

  /// How long all questions take by the limits of the slowest teacher, once it is calm, if that one takes them all.
  Time whole() const;
};

/// `aside`: draws of its own for what came to be drawn later, so that the seeds of before stay nearly what they were.
Setting draw_setting(Random& random, Random& aside);
/// One that is asked about so many calls.
TeacherSetting draw_teacher(const Setting& setting, int64_t calls, Random& random, Random& aside);

}  // namespace harvest::simulation
