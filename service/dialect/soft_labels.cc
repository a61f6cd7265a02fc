#include "service/dialect/soft_labels.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "service/dialect/ascii.h"
#include "service/dialect/json_body.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

struct Token {
  std::string text;
  double logprob = 0;
  int64_t id = -1;
};

/// vLLM with return_tokens_as_token_ids.
bool read_id(std::string_view text, int64_t& id) {
  if (!ascii::consume(text, "token_id:")) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return error == std::errc() && end == text.data() + text.size();
}

/// Whole bytes only: one wrong number, and the token's text stands for itself.
bool read_bytes(const dom::object& object, std::string& text) {
  dom::array bytes;
  if (object.at_key("bytes").get(bytes) != simdjson::SUCCESS) return false;
  std::string read;
  for (const dom::element element : bytes) {
    int64_t byte = 0;
    if (element.get(byte) != simdjson::SUCCESS || byte < 0 || byte > 255) return false;
    read += static_cast<char>(byte);
  }
  text = std::move(read);
  return true;
}

bool read_token(const dom::element& element, Token& token) {
  dom::object object;
  if (element.get(object) != simdjson::SUCCESS || object.at_key("logprob").get(token.logprob) != simdjson::SUCCESS)
    return false;
  const std::string_view text = string_at(object, "token");
  if (read_id(text, token.id)) return true;
  if (object.at_key("token_id").get(token.id) != simdjson::SUCCESS) token.id = -1;
  if (!read_bytes(object, token.text)) token.text = text;
  return true;
}

/// OpenAI's older block writes a token that is no whole text as `bytes:\xf0\x9f`.
bool read_escaped_bytes(std::string_view text, std::string& bytes) {
  if (!ascii::consume(text, "bytes:") || text.find("\\x") == std::string_view::npos) return false;
  while (!text.empty()) {
    uint8_t byte = 0;
    if (text.size() >= 4 && text.starts_with("\\x") &&
        std::from_chars(text.data() + 2, text.data() + 4, byte, 16).ptr == text.data() + 4) {
      bytes += static_cast<char>(byte);
      text.remove_prefix(4);
    } else {
      bytes += text.front();
      text.remove_prefix(1);
    }
  }
  return true;
}

/// A token of the older block: its text says all there is.
Token named_token(std::string_view text, double logprob) {
  Token token{.text = {}, .logprob = logprob, .id = -1};
  if (read_id(text, token.id)) return token;
  token.id = -1;
  if (!read_escaped_bytes(text, token.text)) token.text = text;
  return token;
}

std::vector<dom::element> elements_at(const dom::object& object, std::string_view key) {
  dom::array array;
  if (object.at_key(key).get(array) != simdjson::SUCCESS) return {};
  return {array.begin(), array.end()};
}

}  // namespace

void add_position(v1::SoftLabels& labels, std::string_view token, double logprob, int64_t id) {
  labels.add_tokens(token.data(), token.size());
  labels.add_logprobs(static_cast<float>(logprob));
  if (id >= 0) labels.add_token_ids(static_cast<int32_t>(id));
  labels.add_alternatives(0);
}

void add_alternative(v1::SoftLabels& labels, std::string_view token, double logprob, int64_t id) {
  if (labels.alternatives().empty()) return;
  labels.add_alternative_tokens(token.data(), token.size());
  labels.add_alternative_logprobs(static_cast<float>(logprob));
  if (id >= 0) labels.add_alternative_ids(static_cast<int32_t>(id));
  const int last = labels.alternatives_size() - 1;
  labels.set_alternatives(last, labels.alternatives(last) + 1);
}

void drop_uneven_ids(v1::SoftLabels& labels) {
  if (labels.token_ids_size() == labels.tokens_size() &&
      labels.alternative_ids_size() == labels.alternative_tokens_size())
    return;
  labels.clear_token_ids();
  labels.clear_alternative_ids();
}

void read_openai_logprobs(const dom::object& logprobs, v1::SoftLabels& labels) {
  dom::array content;
  if (logprobs.at_key("content").get(content) == simdjson::SUCCESS) read_openai_positions(content, labels);
}

void read_openai_positions(const dom::array& content, v1::SoftLabels& labels) {
  dom::array alternatives;
  for (const dom::element element : content) {
    Token token;
    if (!read_token(element, token)) continue;
    add_position(labels, token.text, token.logprob, token.id);
    if (element.at_key("top_logprobs").get(alternatives) != simdjson::SUCCESS) continue;
    for (const dom::element alternative : alternatives) {
      Token other;
      if (read_token(alternative, other)) add_alternative(labels, other.text, other.logprob, other.id);
    }
  }
}

void read_block_logprobs(const dom::object& block, v1::SoftLabels& labels) {
  const std::vector<dom::element> tokens = elements_at(block, "tokens"),
                                  logprobs = elements_at(block, "token_logprobs"),
                                  alternatives = elements_at(block, "top_logprobs");
  for (size_t i = 0; i < std::min(tokens.size(), logprobs.size()); ++i) {
    std::string_view text;
    double logprob = 0;
    if (tokens[i].get(text) != simdjson::SUCCESS || logprobs[i].get(logprob) != simdjson::SUCCESS) continue;
    const Token token = named_token(text, logprob);
    add_position(labels, token.text, token.logprob, token.id);
    dom::object others;
    if (i >= alternatives.size() || alternatives[i].get(others) != simdjson::SUCCESS) continue;
    for (const dom::key_value_pair field : others) {
      if (field.value.get(logprob) != simdjson::SUCCESS) continue;
      const Token other = named_token(field.key, logprob);
      add_alternative(labels, other.text, other.logprob, other.id);
    }
  }
}

}  // namespace harvest::dialect
