#include "storage/proof/tile.h"

#include <algorithm>
#include <cassert>

#include "storage/proof/text_lines.h"
#include "storage/proof/tree.h"

namespace harvest::proof {
namespace {

/// Hashes that the log of `size` has at a tile level.
uint64_t hashes_at(int level, uint64_t size) {
  return level * kTileHeight >= 64 ? 0 : size >> (level * kTileHeight);
}

std::string three_digits(uint64_t value) {
  std::string digits = std::to_string(1000 + value % 1000);
  return digits.substr(1);
}

std::string number_path(uint64_t index, uint64_t width) {
  std::string path = three_digits(index);
  while ((index /= 1000) > 0) path = "x" + three_digits(index) + "/" + path;
  if (width < kTileWidth) path += ".p/" + std::to_string(width);
  return path;
}

std::optional<uint64_t> read_three_digits(std::string_view text) {
  if (text.size() != 3) return std::nullopt;
  uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  return value;
}

std::optional<uint64_t> read_number_path(std::string_view path) {
  uint64_t index = 0;
  for (;;) {
    const size_t slash = path.find('/');
    const bool last = slash == std::string_view::npos;
    std::string_view element = path.substr(0, slash);
    if (!last) {
      if (!element.starts_with('x')) return std::nullopt;
      element.remove_prefix(1);
    }
    const auto digits = read_three_digits(element);
    if (!digits || index > kSizeMax / 1000 - 1) return std::nullopt;
    index = index * 1000 + *digits;
    if (last) return index;
    if (index == 0) return std::nullopt;  // "x000/001" is another spelling of "001"
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

uint64_t tile_width(int level, uint64_t index, uint64_t size) {
  const uint64_t hashes = hashes_at(level, size);
  if (index > hashes / kTileWidth) return 0;
  return std::min(kTileWidth, hashes - index * kTileWidth);
}

std::vector<Tile> tiles(uint64_t size) {
  std::vector<Tile> all;
  for (int level = 0; hashes_at(level, size) > 0; ++level)
    for (uint64_t index = 0; const uint64_t width = tile_width(level, index, size); ++index)
      all.push_back({level, index, width});
  return all;
}

std::string tile_path(const Tile& tile) {
  return "tile/" + std::to_string(tile.level) + "/" + number_path(tile.index, tile.width);
}

std::string bundle_path(uint64_t index, uint64_t width) {
  return "tile/entries/" + number_path(index, width);
}

std::optional<TilePath> read_tile_path(std::string_view path) {
  constexpr std::string_view kPrefix = "tile/";
  if (!path.starts_with(kPrefix)) return std::nullopt;
  path.remove_prefix(kPrefix.size());
  const size_t slash = path.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  TilePath named;
  const std::string_view level = path.substr(0, slash);
  path.remove_prefix(slash + 1);
  named.entries = level == "entries";
  if (!named.entries) {
    const auto number = read_decimal(level);
    if (!number || *number > kTileLevelMax) return std::nullopt;
    named.tile.level = static_cast<int>(*number);
  }
  if (const size_t partial = path.find(".p/"); partial != std::string_view::npos) {
    const auto width = read_decimal(path.substr(partial + 3));
    if (!width || *width == 0 || *width >= kTileWidth) return std::nullopt;
    named.tile.width = *width;
    path = path.substr(0, partial);
  }
  const auto index = read_number_path(path);
  if (!index) return std::nullopt;
  named.tile.index = *index;
  return named;
}

void append_to_bundle(std::string& bundle, std::string_view entry) {
  assert(entry.size() <= kEntryBytesMax);
  bundle += static_cast<char>(entry.size() >> 8);
  bundle += static_cast<char>(entry.size() & 255);
  bundle += entry;
}

absl::StatusOr<std::vector<std::string_view>> read_bundle(std::string_view bundle, uint64_t width) {
  std::vector<std::string_view> entries;
  while (!bundle.empty() && entries.size() < width) {
    size_t bytes = 0;
    if (bundle.size() >= 2) bytes = static_cast<uint8_t>(bundle[0]) * size_t{256} + static_cast<uint8_t>(bundle[1]);
    if (bundle.size() < 2 + bytes)
      return absl::InvalidArgumentError("entry bundle: found its end within entry " + std::to_string(entries.size()));
    entries.push_back(bundle.substr(2, bytes));
    bundle.remove_prefix(2 + bytes);
  }
  if (entries.size() != width || !bundle.empty())
    return absl::InvalidArgumentError("entry bundle: expected " + std::to_string(width) + " entries, found " +
                                      (bundle.empty() ? std::to_string(entries.size()) : "more bytes behind them"));
  return entries;
}

}  // namespace harvest::proof
