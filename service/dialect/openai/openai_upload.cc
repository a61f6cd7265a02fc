#include "service/dialect/openai/openai_upload.h"

#include <algorithm>
#include <utility>

#include "service/dialect/batch_request.h"
#include "service/dialect/json_fields.h"
#include "service/dialect/json_text.h"
#include "service/dialect/openai/openai_batch_answers.h"

namespace harvest::dialect {
namespace {

bool occurs(const BatchOrder& order, std::string_view text) {
  return std::any_of(order.members.begin(), order.members.end(), [&](const BatchMember& member) {
    return member.request.body.find(text) != std::string::npos || member.custom_id.find(text) != std::string::npos;
  });
}

/// What parts the form, two hyphens before it: not to be found in any part of it. Made of the token alone, so that one
/// order is always one request.
std::string boundary_for(const BatchOrder& order) {
  constexpr size_t kTokenBytesMax = 40;  // a boundary has 70 at most
  const std::string stem = "harvest-" + std::string(order.token.substr(0, kTokenBytesMax));
  std::string boundary = stem;
  for (int other = 1; occurs(order, "--" + boundary); ++other) boundary = stem + '-' + std::to_string(other);
  return boundary;
}

void append_line(std::string& out, const BatchMember& member, std::string_view call, std::string_view model) {
  out += '{';
  append_text_field(out, "custom_id", member.custom_id);
  append_text_field(out, "method", "POST");
  append_text_field(out, "url", call);
  json_text::append_key(out, "body");
  if (model.empty()) {
    append_on_one_line(out, member.request.body);
  } else {
    const std::string_view inside = json_text::inside_object(member.request.body);
    out += '{';
    append_text_field(out, "model", model);
    if (!inside.empty()) out += ',';
    append_on_one_line(out, inside);
    out += '}';
  }
  out += "}\n";
}

void append_part_head(std::string& out, std::string_view boundary, std::string_view disposition) {
  out += "--";
  out += boundary;
  out += "\r\nContent-Disposition: form-data; ";
  out += disposition;
  out += "\r\n";
}

}  // namespace

HttpRequest openai_upload(std::string path, const BatchOrder& order, std::string_view call, std::string_view model) {
  constexpr size_t kAroundForm = 1024;
  constexpr size_t kAroundLine = 80;
  const std::string boundary = boundary_for(order);
  HttpRequest request;
  request.path = std::move(path);
  request.headers =
      shared_headers({{"Content-Type", "multipart/form-data; boundary=" + boundary}, {"Accept", "application/json"}});
  std::string& body = request.body;
  body.reserve(bytes_of(order, kAroundLine + call.size() + model.size()) + kAroundForm);
  append_part_head(body, boundary, "name=\"purpose\"");
  body += "\r\nbatch\r\n";
  append_part_head(body, boundary, "name=\"file\"; filename=\"" + boundary + ".jsonl\"");
  body += "Content-Type: application/jsonl\r\n\r\n";
  for (const BatchMember& member : order.members) append_line(body, member, call, model);
  body += "\r\n--";
  body += boundary;
  body += "--\r\n";
  return request;
}

void append_token(std::string& out, const BatchOrder& order) {
  begin_object(out, "metadata");
  append_text_field(out, kTokenKey, order.token);
  out += '}';
}

}  // namespace harvest::dialect
