#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <cassert>
#include <charconv>
#include <numeric>
#include <optional>

#include "absl/strings/str_cat.h"
#include "storage/corpus/packings.h"

/// WebDataset's tar: one member a line, named after its record, so that the name up to its first dot is the sample's
/// key. Written by libarchive; unpacked here, because it is to be done piece by piece and as strictly as it is written.
namespace harvest::corpus {
namespace {

constexpr size_t kBlockBytes = 512;
constexpr size_t kMemberNameMax = 100;  // a ustar header's
constexpr char kEnding[] = ".json";

struct FreeArchive {
  void operator()(archive* writer) const { archive_write_free(writer); }
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

size_t padded(size_t bytes) {
  return (bytes + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
}

absl::Status failed(archive* writer) {
  const char* reason = archive_error_string(writer);
  return absl::InternalError(absl::StrCat("a tar could not be written: ", reason == nullptr ? "no reason" : reason));
}

absl::Status add_member(archive* writer, archive_entry* entry, const std::string& name, std::string_view content) {
  archive_entry_clear(entry);
  archive_entry_set_pathname(entry, name.c_str());
  archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_perm(entry, 0644);
  archive_entry_set_mtime(entry, 0, 0);  // equal lines are equal bytes
  if (archive_write_header(writer, entry) != ARCHIVE_OK) return failed(writer);
  if (archive_write_data(writer, content.data(), content.size()) != static_cast<la_ssize_t>(content.size()))
    return failed(writer);
  return absl::OkStatus();
}

/// One header after the other, each followed by its member's bytes, filled up to whole blocks; two empty blocks end it.
class TarUnpacker final : public Unpacker {
 public:
  absl::Status unpack(std::string_view bytes, const std::function<void(std::string_view)>& take) override {
    while (!bytes.empty()) {
      if (ended()) return bytes_behind();
      if (content_left_ > 0) {
        const size_t now = std::min(content_left_, bytes.size());
        take(bytes.substr(0, now));
        content_left_ -= now;
        bytes.remove_prefix(now);
        if (content_left_ == 0) take("\n");
      } else if (padding_left_ > 0) {
        const size_t now = std::min(padding_left_, bytes.size());
        padding_left_ -= now;
        bytes.remove_prefix(now);
      } else {
        const size_t now = std::min(kBlockBytes - filled_, bytes.size());
        std::copy_n(bytes.data(), now, header_.data() + filled_);
        filled_ += now;
        bytes.remove_prefix(now);
        if (filled_ < kBlockBytes) continue;
        filled_ = 0;
        const absl::Status read = read_header();
        if (!read.ok()) return read;
        if (content_left_ == 0 && empty_blocks_ == 0) take("\n");
      }
    }
    return absl::OkStatus();
  }
  bool ended() const override { return empty_blocks_ == 2; }

 private:
  // Offsets and widths: POSIX.1-1988, ustar.
  std::optional<uint64_t> octal(size_t at, size_t width) const {
    uint64_t number = 0;
    const char* begin = header_.data() + at;
    while (width > 0 && (begin[width - 1] == ' ' || begin[width - 1] == '\0')) --width;
    const auto [end, error] = std::from_chars(begin, begin + width, number, 8);
    if (error != std::errc() || end != begin + width) return std::nullopt;
    return number;
  }

  absl::Status read_header() {
    if (std::all_of(header_.begin(), header_.end(), [](char c) { return c == '\0'; })) {
      ++empty_blocks_;
      return absl::OkStatus();
    }
    constexpr size_t kSumAt = 148, kSumBytes = 8;
    uint64_t sum = std::accumulate(header_.begin(), header_.end(), uint64_t{0},
                                   [](uint64_t total, char c) { return total + static_cast<unsigned char>(c); });
    for (size_t i = kSumAt; i < kSumAt + kSumBytes; ++i) sum += ' ' - static_cast<unsigned char>(header_[i]);
    const auto size = octal(124, 12);
    if (empty_blocks_ > 0 || octal(kSumAt, kSumBytes) != sum || !size || header_[156] != '0')
      return absl::DataLossError("the tar is damaged (a header is none of a file)");
    content_left_ = *size;
    padding_left_ = padded(*size) - *size;
    return absl::OkStatus();
  }

  std::array<char, kBlockBytes> header_;
  size_t filled_ = 0;
  size_t content_left_ = 0;
  size_t padding_left_ = 0;
  int empty_blocks_ = 0;
};

}  // namespace

absl::StatusOr<Packed> pack_tar(const ShardLines& lines) {
  size_t bytes = 2 * kBlockBytes;
  size_t begin = 0;
  for ([[maybe_unused]] const std::string& id : lines.ids) {
    const size_t end = lines.raw.find('\n', begin);
    assert(end != std::string_view::npos);  // one line for each id
    bytes += kBlockBytes + padded(end - begin);
    begin = end + 1;
  }
  Packed packed{LargeBuffer(bytes)};
  const std::unique_ptr<archive, FreeArchive> writer(archive_write_new());
  const std::unique_ptr<archive_entry, FreeArchive> entry(archive_entry_new());
  if (writer == nullptr || entry == nullptr) return absl::ResourceExhaustedError("no memory for packing a shard");
  archive_write_set_format_ustar(writer.get());
  archive_write_set_bytes_per_block(writer.get(), static_cast<int>(kBlockBytes));
  archive_write_set_bytes_in_last_block(writer.get(), 1);  // no filling up to a tape's record
  if (archive_write_open_memory(writer.get(), packed.bytes.data(), bytes, &packed.size) != ARCHIVE_OK)
    return failed(writer.get());
  begin = 0;
  for (const std::string& id : lines.ids) {
    if (id.size() + sizeof kEnding > kMemberNameMax || id.find('.') != std::string::npos)
      return absl::InvalidArgumentError(absl::StrCat("record id ", id, " is no name of a tar's member"));
    const size_t end = lines.raw.find('\n', begin);
    const absl::Status added =
        add_member(writer.get(), entry.get(), id + kEnding, lines.raw.substr(begin, end - begin));
    if (!added.ok()) return added;
    begin = end + 1;
  }
  if (archive_write_close(writer.get()) != ARCHIVE_OK) return failed(writer.get());
  return packed;
}

std::unique_ptr<Unpacker> unpack_tar() {
  return std::make_unique<TarUnpacker>();
}

}  // namespace harvest::corpus
