#pragma once

#include <string_view>

#include "service/dialect/outcome.h"

namespace harvest::dialect {

/// A streamed chat answer: `chat.completion.chunk` events up to `[DONE]`, put together. It is whole when [DONE] has
/// come, or every choice has its finish reason (some servers leave [DONE] out); else stream_cut(). An error event ends
/// it as the error that it holds. Tolerant as read_chat_answer() is; Groq's usage is in `x_groq`.
Outcome read_chat_stream(std::string_view body, size_t slack);

}  // namespace harvest::dialect
