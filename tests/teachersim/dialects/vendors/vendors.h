#pragma once

#include "tests/teachersim/dialects/chat_vendor.h"

/// The vendors and servers that imitate OpenAI's chat completions, one file each (the small self-hosted ones share
/// self_hosted.cc), and what several of them need.
namespace teachersim {

const ChatVendor& azure_vendor();
const ChatVendor& mistral_vendor();
const ChatVendor& deepseek_vendor();
const ChatVendor& groq_vendor();
const ChatVendor& together_vendor();
const ChatVendor& openrouter_vendor();
const ChatVendor& vllm_vendor();
const ChatVendor& sglang_vendor();
const ChatVendor& llamacpp_vendor();
const ChatVendor& tgi_vendor();

/// A vendor whose answers are OpenAI's without the members that only OpenAI sends; each subclass adds its own.
class Imitator : public ChatVendor {
 public:
  bool is_plain() const override { return false; }
  void dress(boost::json::object& body, const ChatRequest& request, const Usage& usage,
             const Stamp& stamp) const override;
  void dress_chunk(boost::json::object& chunk, const ChatRequest& request, const Usage& usage,
                   const Stamp& stamp) const override;
  std::string error_in_200(const Trouble& trouble) const override { return reply(trouble).body; }

 protected:
  /// The usage member as this vendor states it.
  virtual boost::json::object usage_object(const Usage& usage) const;
  /// The word for an end, where it is not OpenAI's.
  virtual std::string_view finish_reason(std::string_view openai) const { return openai; }
  /// Adds to a choice what this vendor adds, whole or in a stream.
  virtual void dress_choice(boost::json::object& /*choice*/) const {}
};

/// The choices of an answer or a chunk; empty when it has none.
boost::json::array& choices_of(boost::json::object& body);
/// What a choice says: its message, or its delta.
boost::json::object& message_of(boost::json::object& choice);
bool is_last(const boost::json::object& choice);

std::int64_t whole_seconds(limits::Time length);
/// "retry-after: 2\r\n" for a throttled request that knows when; else nothing.
std::string retry_after(const Trouble& trouble);
void append_header(std::string& headers, std::string_view name, std::int64_t value);
/// The standing of the limit on tokens: on all of them, else on input, else on output; limit 0 without one.
limits::Standing token_standing(limits::Limits& limits, limits::Time now);

}  // namespace teachersim
