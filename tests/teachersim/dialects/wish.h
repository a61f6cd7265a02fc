#pragma once

#include <boost/json.hpp>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "tests/teachersim/dialects/dialect.h"

namespace teachersim {

/// A question with what several vendors let a client ask of the answer; each vendor's request adds its own.
struct Wish : Question {
  struct Tool {
    std::string name;
    boost::json::value parameters;
  };

  int choices = 1;
  std::int64_t cap_per_choice = 0;  // tokens, thinking included
  std::int64_t thinking = 0;        // tokens to think before the first word
  bool json_object = false;
  boost::json::value schema;  // null: none is asked for
  std::vector<Tool> tools;    // those that may be called
  bool must_call_tool = false;
  std::vector<std::string> stops;
  bool logprobs = false;
  int top_logprobs = 0;

  /// Adds the tokens of a text to the input.
  void count(std::string_view text);
};

/// A key of the model and those fields of a body that shape the answer; output caps and the number of choices do not.
std::uint64_t key_of(std::string_view model, const boost::json::object& body,
                     std::initializer_list<std::string_view> shaping);

/// How long to think when a request asks for it: as the run says, else a little, and never beyond `budget`.
std::int64_t thinking_tokens(const AnswerShape& shape, std::int64_t budget);

}  // namespace teachersim
