#include "storage/corpus/duckdb_tool.h"

#include <filesystem>
#include <system_error>

namespace harvest::corpus {
namespace {

constexpr char kTool[] = "harvest-duckdb";

}  // namespace

std::string duckdb_tool_path() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::string(kTool) : (self.parent_path() / kTool).string();
}

}  // namespace harvest::corpus
