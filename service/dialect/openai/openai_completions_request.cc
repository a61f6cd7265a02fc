#include "service/dialect/openai/openai_completions_request.h"

#include "service/dialect/json_fields.h"

namespace harvest::dialect {

std::string completions_body(std::string_view model, const QueryView& query) {
  const v1::Sampling& sampling = query.sampling;
  std::string out = "{";
  append_text_field(out, "model", model);
  append_text_field(out, "prompt", query.prompt.messages(0).content());
  if (sampling.has_temperature()) append_number_field(out, "temperature", sampling.temperature());
  if (sampling.has_top_p()) append_number_field(out, "top_p", sampling.top_p());
  if (sampling.has_top_k()) append_number_field(out, "top_k", int64_t{sampling.top_k()});
  if (sampling.has_frequency_penalty()) append_number_field(out, "frequency_penalty", sampling.frequency_penalty());
  if (sampling.has_presence_penalty()) append_number_field(out, "presence_penalty", sampling.presence_penalty());
  if (sampling.has_seed()) append_number_field(out, "seed", int64_t{sampling.seed()});
  if (sampling.stop_size() > 0) append_text_list(out, "stop", sampling.stop());
  if (sampling.has_top_logprobs()) append_number_field(out, "logprobs", int64_t{sampling.top_logprobs()});
  if (query.choices > 1) append_number_field(out, "n", int64_t{query.choices});
  if (sampling.has_max_output_tokens()) append_number_field(out, "max_tokens", int64_t{sampling.max_output_tokens()});
  if (query.stream) append_bool_field(out, "stream", true);
  if (query.stream) append_raw_field(out, "stream_options", R"({"include_usage":true})");
  append_extra_body(out, sampling);
  out += '}';
  return out;
}

}  // namespace harvest::dialect
