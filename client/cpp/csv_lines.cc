#include "client/cpp/csv_lines.h"

#include <csv.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "proto/text/mistake.h"
#include "storage/corpus/canonical_json.h"

namespace harvest::client {
namespace {

constexpr size_t kRowBytesMax = 16 << 20;
constexpr size_t kCsvBlockBytes = 64 << 10;
constexpr std::string_view kCsvByteOrderMark = "\xEF\xBB\xBF";

class CsvLines final : public ByteSource {
 public:
  CsvLines(std::unique_ptr<ByteSource> csv, std::string name) : csv_(std::move(csv)), name_(std::move(name)) {
    begun_ = csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI) == 0;
    // A field's spaces are its own.
    if (begun_) csv_set_space_func(&parser_, [](unsigned char) { return 0; });
  }
  CsvLines(const CsvLines&) = delete;
  ~CsvLines() override {
    if (begun_) csv_free(&parser_);
  }

  absl::StatusOr<size_t> read(char* out, size_t size) override {
    while (taken_ == lines_.size() && !at_end_) {
      lines_.clear();
      taken_ = 0;
      if (absl::Status status = parse_more(); !status.ok()) return status;
    }
    const size_t count = std::min(size, lines_.size() - taken_);
    std::memcpy(out, lines_.data() + taken_, count);
    taken_ += count;
    return count;
  }

 private:
  absl::Status wrong(const std::string& what) const {
    return absl::InvalidArgumentError(absl::StrCat(name_, ":", rows_ + 1, ": ", what));
  }

  absl::Status parse_more() {
    if (!begun_) return absl::ResourceExhaustedError("no memory to read CSV");
    const auto got = csv_->read(block_.data(), block_.size());
    if (!got.ok()) return got.status();
    std::string_view bytes(block_.data(), *got);
    if (std::exchange(first_, false) && bytes.substr(0, kCsvByteOrderMark.size()) == kCsvByteOrderMark)
      bytes.remove_prefix(kCsvByteOrderMark.size());
    at_end_ = *got == 0;
    const bool whole =
        at_end_ ? csv_fini(&parser_, &on_cell, &on_row_end, this) == 0
                : csv_parse(&parser_, bytes.data(), bytes.size(), &on_cell, &on_row_end, this) == bytes.size();
    if (!header_wrong_.ok()) return header_wrong_;
    if (!whole) return wrong(absl::StrCat("is no CSV: ", csv_strerror(csv_error(&parser_))));
    if (row_bytes_ + csv_get_buffer_size(&parser_) > kRowBytesMax + kCsvBlockBytes)
      return wrong("found a row of more than 16 MiB, expected a shorter one (is a quote never closed?)");
    if (at_end_ && rows_ == 0) return wrong("found nothing, expected a row of column names");
    return absl::OkStatus();
  }

  static void on_cell(void* bytes, size_t size, void* lines) {
    CsvLines& self = *static_cast<CsvLines*>(lines);
    self.cells_.emplace_back(static_cast<const char*>(bytes), size);
    self.row_bytes_ += size;
  }
  static void on_row_end(int, void* lines) { static_cast<CsvLines*>(lines)->end_row(); }

  void end_row() {
    if (rows_ == 0)
      read_header();
    else
      write_row();
    ++rows_;
    lines_ += '\n';
    cells_.clear();
    row_bytes_ = 0;
  }

  void read_header() {
    columns_ = std::move(cells_);
    for (auto column = columns_.begin(); column != columns_.end() && header_wrong_.ok(); ++column) {
      if (column->empty() || !simdjson::validate_utf8(*column))
        header_wrong_ = wrong("found a column without a name, expected one for each");
      else if (std::find(columns_.begin(), column, *column) != column)
        header_wrong_ = wrong(absl::StrCat("found two columns called ", text::shown(*column), ", expected one"));
    }
  }

  void write_row() {
    if (cells_.size() != columns_.size()) {
      absl::StrAppend(&lines_, "found ", cells_.size(), " fields, expected ", columns_.size(), " as the first row has");
      return;
    }
    const size_t begin = lines_.size();
    for (size_t i = 0; i < cells_.size(); ++i) {
      if (!simdjson::validate_utf8(cells_[i])) {
        lines_.resize(begin);
        absl::StrAppend(&lines_, columns_[i], ": is not UTF-8, expected text in UTF-8");
        return;
      }
      lines_ += i == 0 ? '{' : ',';
      corpus::append_json_string(lines_, columns_[i]);
      lines_ += ':';
      corpus::append_json_string(lines_, cells_[i]);
    }
    lines_ += '}';
  }

  std::unique_ptr<ByteSource> csv_;
  const std::string name_;
  csv_parser parser_{};
  bool begun_ = false;
  bool first_ = true;
  bool at_end_ = false;
  std::array<char, kCsvBlockBytes> block_;
  std::vector<std::string> columns_, cells_;
  size_t row_bytes_ = 0;
  uint64_t rows_ = 0;
  absl::Status header_wrong_;
  std::string lines_;  // of whole rows; from taken_ on they are still to be handed out
  size_t taken_ = 0;
};

}  // namespace

std::unique_ptr<ByteSource> csv_lines(std::unique_ptr<ByteSource> csv, const std::string& name) {
  return std::make_unique<CsvLines>(std::move(csv), name);
}

}  // namespace harvest::client
