#include "service/config/config.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "proto/text/yaml_reader.h"
#include "service/config/checks.h"
#include "service/config/defaults.h"

namespace harvest::config {

absl::StatusOr<v1::Config> load(const std::string& path, const Known& known) {
  errno = 0;
  std::ifstream file(path);
  std::ostringstream text;
  // An empty file leaves the stream failed, but with no errno.
  if (!file.is_open() || (!(text << file.rdbuf()) && errno != 0)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": cannot be read: ", std::strerror(errno)));
  }
  return parse(text.str(), path, known);
}

absl::StatusOr<v1::Config> parse(std::string_view yaml, const std::string& name, const Known& known) {
  v1::Config config;
  text::YamlReading reading = text::read_yaml(yaml, &config);
  // Meaning is checked even where some fields could not be read, so that one round shows everything.
  // A text that is no YAML at all has no meaning: its one mistake is told alone.
  if (!reading.broken) {
    check(config, known, &reading);
  }
  if (!reading.mistakes.empty()) {
    return text::to_status(std::move(reading.mistakes), name);
  }
  fill_defaults(&config);
  return config;
}

}  // namespace harvest::config
