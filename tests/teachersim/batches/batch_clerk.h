#pragma once

#include <string>
#include <string_view>

#include "tests/teachersim/batches/batches.h"
#include "tests/teachersim/batches/files.h"

namespace teachersim {

/// What all clerks work with.
struct BatchRoom {
  const BatchPlan& plan;
  const AnswerShape& shape;
  const std::vector<std::unique_ptr<Dialect>>& dialects;
  Batches& batches;
  Files& files;
};

/// How one vendor lets its clients hand in batches, look after them and fetch the results.
class BatchClerk {
 public:
  virtual ~BatchClerk() = default;
  /// Is this call about the vendor's batches, or about files?
  virtual bool serves(std::string_view method, std::string_view path) const = 0;
  virtual Reply serve(const Call& call, const Moment& now) = 0;
  /// Who words troubles at this door and reads keys.
  virtual const Dialect& voice() const = 0;
  /// Writes down the results of a batch that has just ended, if it is one of this clerk's and its results are files.
  virtual void finish(Batch& /*batch*/, const Moment& /*now*/) {}
};

/// Reads a line's request as the dialect would read it online.
void read_line(BatchLine& line, const Dialect& dialect, const Call& call);

/// The dialect that owns a path; null when none does.
const Dialect* dialect_for(const BatchRoom& room, std::string_view path);

/// A body as JSON; a Mistake (see fields.h) otherwise. Unlike a request's it may be empty.
boost::json::object object_or_nothing(std::string_view body);

Reply json_reply(const boost::json::object& body);
Trouble batch_mistake(std::string message, std::string param = {});
Trouble no_such_batch(std::string_view id);

std::unique_ptr<BatchClerk> openai_batch_clerk(const BatchRoom& room);
std::unique_ptr<BatchClerk> azure_batch_clerk(const BatchRoom& room);
std::unique_ptr<BatchClerk> anthropic_batch_clerk(const BatchRoom& room);
std::unique_ptr<BatchClerk> gemini_batch_clerk(const BatchRoom& room);
std::unique_ptr<BatchClerk> mistral_batch_clerk(const BatchRoom& room);

}  // namespace teachersim
