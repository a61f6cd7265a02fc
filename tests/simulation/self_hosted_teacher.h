#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <vector>

#include "tests/simulation/event_queue.h"

namespace harvest::simulation {

/// How fast one model server is. A step of the model takes
///
///     step + per_sequence * (sequences that decode) + per_prompt_token * (prompt tokens read in it)
///
/// The figures are those of a model of 8 billion parameters on one large accelerator, roughly.
struct Engine {
  int64_t slots = 64;              ///< sequences that run at once (vLLM: max_num_seqs)
  int64_t tokens_per_step = 2048;  ///< decoded and read together (vLLM: max_num_batched_tokens)
  Time step = std::chrono::milliseconds(12);
  Time per_sequence = std::chrono::microseconds(50);
  Time per_prompt_token = std::chrono::microseconds(25);
};

/// One query as the server has it.
struct Sequence {
  int64_t prompt_tokens = 1;
  int64_t output_tokens = 1;
  std::function<void()> first_token;
  std::function<void(bool answered)> ended;
};

/// A server of continuous batching after vLLM: in each step every running sequence decodes one token; what is left of
/// the step's tokens reads prompts, those begun first, then those of the waiting line in the order they came, as long
/// as there is a slot. The step that reads the last of a prompt gives its first token. It never says no: it queues.
class SelfHostedTeacher {
 public:
  SelfHostedTeacher(const Engine& engine, EventQueue& events) : engine_(engine), events_(events) {}

  void arrive(Sequence sequence);
  /// Whatever it has is lost, and it goes on with so many slots.
  void restart(int64_t slots);

  int64_t running() const { return static_cast<int64_t>(reading_.size()) + decoding_; }
  int64_t waiting() const { return static_cast<int64_t>(waiting_.size()); }
  /// The waiting line's length, summed over the time of all steps: its mean is the growth of this by the second.
  double waiting_seconds() const { return waiting_seconds_; }

 private:
  void begin_step();
  void end_step();
  int64_t read_prompts(int64_t tokens);

  Engine engine_;
  EventQueue& events_;
  std::deque<Sequence> waiting_;
  std::deque<Sequence> reading_;                             ///< in slots; prompt_tokens: what is left to read
  std::map<int64_t, std::vector<Sequence>> decoding_until_;  ///< in slots, by the step of their last token
  int64_t decoding_ = 0;
  int64_t step_ = 0;
  bool stepping_ = false;
  int life_ = 0;
  double waiting_seconds_ = 0;
};

}  // namespace harvest::simulation
