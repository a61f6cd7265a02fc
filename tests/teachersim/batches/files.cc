#include "tests/teachersim/batches/files.h"

#include <algorithm>

namespace teachersim {
namespace {

namespace json = boost::json;

/// name="value" in the head of a part.
std::string_view attribute(std::string_view head, std::string_view name) {
  const std::string begin = " " + std::string(name) + "=\"";
  const std::size_t at = head.find(begin);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = head.substr(at + begin.size());
  return rest.substr(0, rest.find('"'));
}

}  // namespace

json::object StoredFile::describe() const {
  return {{"id", id},
          {"object", "file"},
          {"bytes", content.size()},
          {"created_at", created_s},
          {"filename", name},
          {"purpose", purpose},
          {"status", "processed"},
          {"sample_type", purpose == "batch" ? "batch_request" : "batch_result"},
          {"source", "upload"},
          {"num_lines", std::count(content.begin(), content.end(), '\n')}};
}

const StoredFile& Files::add(std::string name, std::string purpose, std::string content, std::int64_t now_s) {
  StoredFile file;
  file.id = "file-" + run_ + std::to_string(++made_);
  file.name = std::move(name);
  file.purpose = std::move(purpose);
  file.content = std::move(content);
  file.created_s = now_s;
  std::string id = file.id;
  return files_.emplace(std::move(id), std::move(file)).first->second;
}

const StoredFile* Files::find(std::string_view id) const {
  const auto found = files_.find(std::string(id));
  return found == files_.end() ? nullptr : &found->second;
}

json::array Files::describe_all() const {
  json::array all;
  for (const auto& [id, file] : files_) all.push_back(file.describe());
  return all;
}

bool read_upload(const Call& call, StoredFile& file) {
  const std::string_view type = call.header("content-type");
  const std::size_t at = type.find("boundary=");
  if (!type.starts_with("multipart/form-data") || at == std::string_view::npos) return false;
  std::string_view mark = type.substr(at + 9);
  mark = mark.substr(0, mark.find(';'));
  if (mark.size() > 1 && mark.front() == '"') mark = mark.substr(1, mark.size() - 2);
  const std::string boundary = "--" + std::string(mark);

  bool has_file = false;
  for (std::size_t begin = call.body.find(boundary); begin != std::string_view::npos;) {
    const std::size_t part = begin + boundary.size();
    const std::size_t end = call.body.find("\r\n" + boundary, part);
    const std::size_t head_end = call.body.find("\r\n\r\n", part);
    if (end == std::string_view::npos || head_end == std::string_view::npos || head_end > end) break;
    const std::string_view head = call.body.substr(part, head_end - part);
    const std::string_view content = call.body.substr(head_end + 4, end - head_end - 4);
    const std::string_view name = attribute(head, "name");
    if (name == "purpose") file.purpose = content;
    if (name == "file") {
      file.name = attribute(head, "filename");
      file.content = content;
      has_file = true;
    }
    begin = end + 2;
  }
  return has_file;
}

}  // namespace teachersim
