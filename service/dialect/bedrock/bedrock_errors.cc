#include "service/dialect/bedrock/bedrock_errors.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "service/dialect/ascii.h"
#include "service/dialect/error_outcome.h"
#include "service/dialect/vendor_words.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;
using namespace verdict;

/// What is not here, means what its HTTP status does: InternalServerException, ServiceUnavailableException.
constexpr std::array<CodeRule, 17> kRules{{
    {"AccessDeniedException", kAccess},
    {"UnrecognizedClientException", kAccess},
    {"InvalidSignatureException", kAccess},
    {"IncompleteSignatureException", kAccess},
    {"MissingAuthenticationTokenException", kAccess},
    {"ExpiredTokenException", kAccess},
    {"OptInRequired", kAccess},
    {"ResourceNotFoundException", kModel},
    {"UnknownOperationException", kAddress},
    {"ValidationException", kRejected},
    {"SerializationException", kRejected},
    {"ServiceQuotaExceededException", kThrottled},  // a 400
    {"ThrottlingException", kThrottled},
    {"ModelNotReadyException", kFaultedSafe},  // a 429 that is not about our rate
    {"ModelTimeoutException", kFaulted},
    {"ModelErrorException", kFaulted},
    {"ModelStreamErrorException", kFaulted},
}};

/// What an exception of this name really is, where only its words tell.
struct WordRule {
  std::string_view code, words;
  Verdict verdict;
};
constexpr std::array<WordRule, 3> kWords{{
    {"AccessDeniedException", "INVALID_PAYMENT_INSTRUMENT", kBilling},
    {"ValidationException", "model identifier is invalid", kModel},
    // The model is served through inference profiles only, and is asked for by its own name.
    {"ValidationException", "with on-demand throughput isn", kModel},
}};

/// ValidationException, however it is dressed: com.amazon.coral.validate#ValidationException:http://…,
/// validationException in a stream.
std::string plain_name(std::string_view name) {
  name = name.substr(0, name.find(':'));
  if (const size_t hash = name.rfind('#'); hash != std::string_view::npos) name.remove_prefix(hash + 1);
  std::string plain = vendor_code(ascii::trimmed(name));
  if (!plain.empty() && plain[0] >= 'a' && plain[0] <= 'z') plain[0] = static_cast<char>(plain[0] - 'a' + 'A');
  return plain;
}

Verdict classify(std::optional<int> status, std::string_view code, std::string_view words, bool waits) {
  for (const WordRule& rule : kWords)
    if (rule.code == code && ascii::contains_ignoring_case(words, rule.words)) return rule.verdict;
  if (const CodeRule* rule = find_rule(kRules, code)) return rule->verdict;
  const int fallback = code == "ServiceUnavailableException" ? 503 : 500;
  return status_verdict(status.value_or(fallback), words, waits);
}

Outcome make_outcome(std::optional<int> status, std::string_view name, std::string_view words, bool waits) {
  std::string code = plain_name(name);
  const Verdict verdict = classify(status, code, words, waits);
  if (code.empty()) code = "http_" + std::to_string(status.value_or(500));
  return make_failure(verdict, std::move(code), words);
}

}  // namespace

std::string_view bedrock_exception_name(const dom::object& body) {
  return string_at(body, "__type");
}

std::string_view bedrock_exception_words(const dom::object& body) {
  const std::string_view words = string_at(body, "message");
  return words.empty() ? string_at(body, "Message") : words;
}

Outcome read_bedrock_failure(const HttpExchange& exchange, const JsonBody& body, bool waits) {
  std::string_view name = exchange.header("x-amzn-errortype");
  std::string_view words = body.text();  // of no JSON, or of an unknown form
  if (body.is_object()) {
    if (name.empty()) name = bedrock_exception_name(body.object());
    if (const std::string_view told = bedrock_exception_words(body.object()); !told.empty()) words = told;
  }
  return make_outcome(exchange.status, name, words, waits);
}

Outcome bedrock_exception(std::string_view name, std::string_view words, bool waits) {
  return make_outcome(std::nullopt, name.empty() ? "error" : name, words, waits);
}

}  // namespace harvest::dialect
