#include "tests/teachersim/dialects/chat_completions.h"

#include <cassert>

#include "tests/teachersim/answers/pieces.h"
#include "tests/teachersim/dialects/chat_answer.h"

namespace teachersim {

ChatCompletions::ChatCompletions(const AnswerShape& shape, const ChatVendor& vendor, bool strict)
    : shape_(shape), vendor_(vendor), strict_(strict) {
  assert(shape.bytes_min > 0 && shape.bytes_max >= shape.bytes_min);
}

bool ChatCompletions::speaks(std::string_view path) const {
  return path.ends_with("/chat/completions") && path.find("/openai/deployments/") == std::string_view::npos;
}

std::variant<std::unique_ptr<Question>, Trouble> ChatCompletions::read(std::string_view body) const {
  return read_body(body, "");
}

std::variant<std::unique_ptr<Question>, Trouble> ChatCompletions::read_body(std::string_view body,
                                                                            std::string_view model) const {
  auto outcome = read_chat_request(body, shape_.default_output_cap, model);
  if (Trouble* trouble = std::get_if<Trouble>(&outcome)) return std::move(*trouble);
  auto request = std::move(std::get<std::unique_ptr<ChatRequest>>(outcome));
  if (!vendor_.is_plain() || strict_) {
    try {
      const boost::json::object parsed = parse_object(body);
      vendor_.check(Fields(parsed), *request);
      if (strict_) vendor_.check_names(parsed);
    } catch (Mistake& mistake) {
      return Trouble{Trouble::Kind::kBadRequest, 400, std::move(mistake.what), std::move(mistake.where), {}};
    }
  }
  if (vendor_.stream_usage() != ChatVendor::StreamUsage::kIfAsked) {
    request->stream_usage = vendor_.stream_usage() == ChatVendor::StreamUsage::kAlways;
  }
  return std::unique_ptr<Question>(std::move(request));
}

Answer ChatCompletions::answer(const Question& question, const Stamp& stamp) const {
  const auto& request = static_cast<const ChatRequest&>(question);  // only this dialect's questions come here
  const ChatAnswer said(request, shape_, stamp, vendor_.reasoning_field());
  Answer answer;
  answer.usage = said.usage();
  answer.contents = said.contents();
  if (request.stream) {
    answer.content_type = "text/event-stream";
    answer.events = said.events(static_cast<std::size_t>(shape_.event_bytes));
  } else {
    answer.body = said.whole();
  }
  if (!vendor_.is_plain()) dress(answer, request, stamp);
  return answer;
}

/// Takes OpenAI's answer apart and lets the vendor change it: slower, and never done for OpenAI itself.
void ChatCompletions::dress(Answer& answer, const ChatRequest& request, const Stamp& stamp) const {
  if (!request.stream) {
    boost::json::object body = boost::json::parse(answer.body).as_object();
    vendor_.dress(body, request, answer.usage, stamp);
    answer.body = std::string(vendor_.before_body()) + boost::json::serialize(body);
    return;
  }
  constexpr std::string_view kData = "data: ";
  const std::size_t chunks = answer.events.size() - 1;  // the last event is [DONE]
  for (std::size_t i = 0; i < chunks; ++i) {
    boost::json::object chunk = boost::json::parse(answer.events[i].substr(kData.size())).as_object();
    if (i + 1 == chunks && vendor_.stream_usage() == ChatVendor::StreamUsage::kInLastChunk)
      chunk["usage"] = boost::json::object();  // to be filled in by the vendor
    vendor_.dress_chunk(chunk, request, answer.usage, stamp);
    answer.events[i] = sse_event("", boost::json::serialize(chunk));
  }
  vendor_.open_stream(answer.events, stamp);
}

Reply ChatCompletions::reply(const Trouble& trouble) const {
  return vendor_.reply(trouble);
}

std::string ChatCompletions::error_in_200(const Trouble& trouble) const {
  return vendor_.error_in_200(trouble);
}

std::string ChatCompletions::limit_headers(limits::Limits& limits, const Moment& now) const {
  return vendor_.limit_headers(limits, now);
}

}  // namespace teachersim
