#include "service/receipts.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "proto/text/time.h"
#include "service/observe/log.h"
#include "storage/corpus/canonical_json.h"
#include "storage/corpus/dataset_name.h"

namespace harvest {
namespace {

constexpr std::streamoff kShownBytesMax = 8 << 20;

}  // namespace

void Receipts::add(const http::Download& download, int64_t utc_us) {
  observe::log::info("downloaded", {{"principal", download.principal},
                                    {"dataset", download.dataset},
                                    {"view", download.view},
                                    {"version", download.version},
                                    {"shard", download.shard},
                                    {"bytes", download.bytes},
                                    {"whole", download.whole}});
  if (!corpus::check_dataset_name(download.dataset).ok()) return;  // no path is made of anything else
  corpus::JsonObject line;
  line.text("at", text::format_utc(utc_us));
  line.text("principal", download.principal);
  line.text("tenant", download.tenant);
  line.text("dataset", download.dataset);
  line.text("view", download.view);
  line.number("version", download.version);
  line.text("shard", download.shard);
  line.number("bytes", download.bytes);
  line.boolean("whole", download.whole);
  std::error_code error;
  std::filesystem::create_directories(directory_, error);
  std::ofstream file(path_of(download.dataset), std::ios::app | std::ios::binary);
  file << line.text() << "\n";
  file.flush();
  if (!file) observe::log::error("receipt_lost", {{"dataset", download.dataset}, {"error", std::strerror(errno)}});
}

absl::StatusOr<std::string> Receipts::of(const std::string& dataset) const {
  if (absl::Status named = corpus::check_dataset_name(dataset); !named.ok()) return named;
  std::ifstream file(path_of(dataset), std::ios::binary | std::ios::ate);
  if (!file) return std::string();  // nobody took anything yet
  const std::streamoff bytes = file.tellg();
  const std::streamoff begin = bytes > kShownBytesMax ? bytes - kShownBytesMax : 0;
  file.seekg(begin);
  std::string cut;
  if (begin > 0) std::getline(file, cut);  // a line that began before
  std::ostringstream lines;
  if (file.peek() != std::ifstream::traits_type::eof()) lines << file.rdbuf();
  return lines.str();
}

}  // namespace harvest
