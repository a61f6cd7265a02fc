#include "storage/corpus/verify.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "storage/corpus/atomic_file.h"
#include "storage/corpus/columns.h"
#include "storage/corpus/digest.h"
#include "storage/corpus/line_check.h"
#include "storage/corpus/manifest.h"
#include "storage/corpus/profile.h"
#include "storage/corpus/shard_reader.h"

namespace harvest::corpus {
namespace {

namespace fs = std::filesystem;

constexpr size_t kProblemsMax = 100;
/// A manifest lists half a kilobyte a shard: room for two million shards.
constexpr size_t kManifestBytesMax = size_t{1} << 30;
constexpr size_t kPackedBytesMax = size_t{1} << 30;

/// The problems of one file. Line mistakes tend to come by the thousand: a few describe them, all are counted.
class Notes {
 public:
  Notes(VerifyReport& report, std::string file) : report_(report), file_(std::move(file)) {}

  void note(uint64_t line, std::string what) {
    ++report_.problems_total;
    if (report_.problems.size() < kProblemsMax) report_.problems.push_back({file_, line, std::move(what)});
  }
  template <typename Value>
  void expect_equal(const char* name, const Value& found, const Value& promised) {
    if (found != promised)
      note(0, std::string(name) + ": found " + shown(found) + ", the manifest says " + shown(promised));
  }

 private:
  static std::string shown(const std::string& text) { return text.empty() ? "nothing" : text; }
  static std::string shown(uint64_t number) { return std::to_string(number); }

  VerifyReport& report_;
  std::string file_;
};

template <typename Texts>
bool lists(const Texts& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

/// Checks the lines of one shard against the schema and against what the shard is listed under. A manifest lists shards
/// of the versions before it too: those have the columns of their time, all their lines the same.
class RecordLines {
 public:
  RecordLines(const v1::Shard& shard, size_t columns_max, bool in_order, Notes& notes)
      : shard_(shard), columns_max_(columns_max), in_order_(in_order), notes_(notes) {}

  void check(uint64_t row, std::string_view line) {
    std::vector<std::string> mistakes = check_.check(line);
    const bool whole = mistakes.empty();
    for (std::string& mistake : mistakes) notes_.note(row, std::move(mistake));
    if (row == 1) first_id_ = check_.record_id();
    if (row == 1) columns_ = std::min(check_.columns(), columns_max_);
    if (whole && check_.columns() != columns_)
      notes_.note(row, "found " + std::to_string(check_.columns()) + " columns, expected " + std::to_string(columns_) +
                           (row == 1 ? " at most, as the manifest's schema has" : ", as the shard's first line has"));
    last_id_ = check_.record_id();
    if (in_order_ && row > 1 && check_.sequence() <= sequence_) notes_.note(row, "the sequence does not rise");
    sequence_ = check_.sequence();
    if (!lists(shard_.teachers(), check_.teacher_id()))
      notes_.note(row, "teacher " + check_.teacher_id() + " is not one that the shard is listed under");
    if (!lists(shard_.licences(), check_.licence_id()))
      notes_.note(row, "licence " + check_.licence_id() + " is not one that the shard is listed under");
    if (!lists(shard_.prompt_sources(), check_.prompt_source_id()))
      notes_.note(row, "prompt source " + check_.prompt_source_id() + " is not one that the shard is listed under");
  }
  void end() {
    notes_.expect_equal("first_id", first_id_, shard_.first_id());
    notes_.expect_equal("last_id", last_id_, shard_.last_id());
  }

 private:
  const v1::Shard& shard_;
  const size_t columns_max_;
  const bool in_order_;  ///< of arrival; a snapshot's are not
  Notes& notes_;
  LineCheck check_;
  size_t columns_ = 0;
  std::string first_id_, last_id_;
  int64_t sequence_ = 0;
};

/// The same of a shard in a trainer's profile, whose rows say less.
class ProfileLines {
 public:
  ProfileLines(const v1::Shard& shard, Profile profile, Notes& notes)
      : shard_(shard), profile_(profile), notes_(notes) {}

  void check(uint64_t row, std::string_view line) {
    for (std::string& mistake : check_row(profile_, line, last_id_)) notes_.note(row, std::move(mistake));
    if (row == 1) first_id_ = last_id_;
  }
  void end() {
    if (profile_ == Profile::kOpenai) return;  // bears no ids
    notes_.expect_equal("first_id", first_id_, shard_.first_id());
    notes_.expect_equal("last_id", last_id_, shard_.last_id());
  }

 private:
  const v1::Shard& shard_;
  const Profile profile_;
  Notes& notes_;
  std::string first_id_, last_id_;
};

/// A shard whose rows need a library that may not be there: its bytes are those that were sealed.
void verify_bytes(const fs::path& path, const v1::Shard& shard, Notes& notes, VerifyReport& report) {
  const auto bytes = read_file(path.string(), kPackedBytesMax);
  if (!bytes.ok()) return notes.note(0, std::string(bytes.status().message()));
  notes.expect_equal("sha256", hex(sha256(*bytes)), shard.sha256());
  ++report.shards;
  report.rows += shard.rows();
  report.bytes += bytes->size();
}

/// How the lines of a manifest's shards are checked; not at all where this version does not know them.
struct LineRule {
  Profile profile = Profile::kRecord;
  size_t columns_max = 0;  ///< of kRecord
  bool in_order = true;
};

void verify_shard(const fs::path& directory, const v1::Shard& shard, const std::optional<LineRule>& rule,
                  VerifyReport& report) {
  std::error_code error;
  fs::path relative = fs::path("shards") / shard.path();
  if (!fs::exists(directory / relative, error)) relative = shard.path();
  Notes notes(report, relative.string());
  const uint64_t size = fs::file_size(directory / relative, error);
  if (error) return notes.note(0, "the shard is missing: " + error.message());
  notes.expect_equal("bytes", size, shard.bytes());
  if (const auto format = format_of_path(shard.path()); format.ok() && !is_line_format(*format))
    return verify_bytes(directory / relative, shard, notes, report);
  auto reader = ShardReader::open((directory / relative).string());
  if (!reader.ok()) return notes.note(0, std::string(reader.status().message()));
  RecordLines lines(shard, rule.value_or(LineRule{}).columns_max, rule.value_or(LineRule{}).in_order, notes);
  ProfileLines profiled(shard, rule.value_or(LineRule{}).profile, notes);
  const bool whole = rule && rule->profile == Profile::kRecord;
  while (true) {
    const auto more = reader->next();
    if (!more.ok()) return notes.note(reader->rows() + 1, std::string(more.status().message()));
    if (!*more) break;
    if (whole)
      lines.check(reader->rows(), reader->line());
    else if (rule)
      profiled.check(reader->rows(), reader->line());
  }
  if (whole)
    lines.end();
  else if (rule)
    profiled.end();
  notes.expect_equal("sha256", reader->take_sha256(), shard.sha256());
  notes.expect_equal("raw_bytes", reader->raw_bytes(), shard.raw_bytes());
  notes.expect_equal("raw_sha256", reader->take_raw_sha256(), shard.raw_sha256());
  notes.expect_equal("rows", reader->rows(), shard.rows());
  ++report.shards;
  report.rows += reader->rows();
  report.bytes += reader->bytes();
}

std::optional<LineRule> rule_of(const v1::Manifest& manifest) {
  const auto profile = parse_profile(manifest.profile());
  if (!profile.ok()) return std::nullopt;
  if (*profile != Profile::kRecord)
    return schema_sha256(*profile) == manifest.schema_sha256() ? std::optional(LineRule{*profile}) : std::nullopt;
  const std::optional<size_t> columns = columns_of(manifest.schema_sha256());
  return columns ? std::optional(LineRule{Profile::kRecord, *columns, in_order_of_arrival(manifest)}) : std::nullopt;
}

}  // namespace

std::string Problem::text() const {
  return file + (line > 0 ? ':' + std::to_string(line) : std::string()) + ": " + what;
}

VerifyReport verify_directory(const std::string& directory, const std::string& manifest_file, ShardShare share) {
  VerifyReport report;
  Notes notes(report, manifest_file);
  const auto bytes = read_file((fs::path(directory) / manifest_file).string(), kManifestBytesMax);
  if (!bytes.ok()) {
    notes.note(0, std::string(bytes.status().message()));
    return report;
  }
  report.manifest_sha256 = manifest_sha256(*bytes);
  auto manifest = parse_manifest(*bytes);
  if (!manifest.ok()) {
    notes.note(0, std::string(manifest.status().message()));
    return report;
  }
  report.manifest = *std::move(manifest);
  const std::optional<LineRule> rule = rule_of(report.manifest);
  if (!rule)
    notes.note(0, "the lines have another column list (schema " + report.manifest.schema_sha256() +
                      ") than this version knows (" + schema_sha256() + "): their columns are not checked");
  uint64_t promised = 0;
  for (int place = 0; place < report.manifest.shards_size(); ++place) {
    const v1::Shard& shard = report.manifest.shards(place);
    promised += shard.rows();
    if (share.has(place)) verify_shard(directory, shard, rule, report);
  }
  notes.expect_equal("rows of all shards", promised, report.manifest.rows());
  return report;
}

}  // namespace harvest::corpus
