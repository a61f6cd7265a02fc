#pragma once

#include <simdjson.h>

#include <optional>
#include <string_view>

#include "client/cpp/chat_fields.h"
#include "client/cpp/prompt_template.h"
#include "harvest/v1/query.pb.h"

namespace harvest::client {

/// Makes a prompt of one line. A JSON line is, in this order:
///
/// - with a template: any object; the template makes its text
/// - an OpenAI Batch request (`body`, with custom_id, method, url): messages, tools and sampling of the body; fields of
///   it that are no Chat Completions field go to the teacher as they are (Sampling.extra_body_json)
/// - {"messages": […]}: the same fields at the top of the line; others are kept with the pair
/// - {"prompt": "…"}: one user message, and the same fields beside it
/// - {"turns": ["…", "…"]}: a conversation, each turn of which is asked after the answer to the one before it; likewise
///
/// In the latter three what a vendor takes beyond them stands under `extra_body`: a field at the top that is known to
/// shape answers (min_p, thinking) would be kept as data and never sent, and is wrong.
///
/// custom_id, prompt_source, prompt_source_licence and customer are taken from the top of any of them. What is left
/// over is kept as canonical JSON in Prompt.fields_json, a named model too: who is asked is the job's to say.
///
/// Not thread-safe: it keeps a parser. Lines must be readable for LineSource::kPaddingBytes beyond their end.
class PromptLine {
 public:
  explicit PromptLine(std::optional<PromptTemplate> prompt_template) : template_(std::move(prompt_template)) {}

  Wrong read_json(std::string_view line, v1::Prompt* prompt);
  /// A line of dataset_lines(): the template asks about the pair, the prompt names its record, and keeps its custom id
  /// and the fields of its own prompt.
  Wrong read_pair(std::string_view line, v1::Prompt* prompt);
  static Wrong read_text(std::string_view line, v1::Prompt* prompt);

  bool has_template() const { return template_.has_value(); }

 private:
  Wrong read_templated(simdjson::dom::object object, v1::Prompt* prompt);

  std::optional<PromptTemplate> template_;
  simdjson::dom::parser parser_;
};

}  // namespace harvest::client
