#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "rig.h"
#include "storage/proof/right_edge.h"
#include "storage/proof/tile.h"
#include "storage/store/database.h"
#include "storage/store/keys.h"
#include "storage/store/large_row.h"
#include "storage/store/state.h"

namespace harvest::store::test {
namespace {

using Query = std::tuple<uint64_t, uint32_t, uint64_t>;

/// Walks every row once and keeps what the counters must be.
class Recount {
 public:
  explicit Recount(Database& database) : database_(database) {}

  std::vector<std::string> run() {
    const absl::Status loaded = state_.load(database_);
    expect(loaded.ok(), "the tables load: " + loaded.ToString());
    if (!loaded.ok()) return wrong_;
    prompts();
    answers();
    pairs();
    answers_without_pairs();
    savings();
    rows<v1::Ending>(keys::kEnding, [&](KeyReader key, const v1::Ending& row) {
      place(query(key), "ending", row.turn()).ended = true;
      v1::JobCounters& tally = tallies_[current_];
      row.outcome() == "quarantined" ? tally.set_quarantined(tally.quarantined() + 1)
                                     : tally.set_rejected(tally.rejected() + 1);
    });
    rows<v1::Intent>(keys::kIntent, [&](KeyReader key, const v1::Intent& row) {
      Query covered = query(key);
      for (uint32_t i = 0; i < queries_of(row); ++i, ++std::get<2>(covered)) place(covered, "intent", row.turn());
      if (row.batch() == 0) return;
      expect(state_.batches.find(row.batch()) != nullptr, "a member's batch is there");
      ++gathering_[row.batch()];
    });
    rows<v1::Postponed>(keys::kPostponed, [&](KeyReader key, const v1::Postponed& row) {
      const uint64_t job = key.u64();
      const uint32_t stream = key.u32();
      expect(key.i64() == row.due_at_us(), "a postponed row's key says when it is due");
      const v1::JobRecord* record = state_.jobs.find(job);
      expect(row.due_at_us() != kUndecided || (record != nullptr && !record->job().until().empty() && row.turn() > 0),
             "only later samples of a job that asks until accepted are undecided");
      place({job, stream, key.u64()}, "postponed", row.turn());
      ++postponed_[{job, stream}];
    });
    lost();
    broken_off();
    conversations();
    log();
    compare();
    return wrong_;
  }

 private:
  void expect(bool held, std::string what) {
    if (!held && wrong_.size() < 20) wrong_.push_back("not so: " + std::move(what));
  }
  static Query query(KeyReader& key) {
    const uint64_t job = key.u64();
    const uint32_t stream = key.u32();
    return {job, stream, key.u64()};
  }
  /// Of one query, or of all turns of one conversation: which were answered, and the one row that is no pair.
  struct Places {
    std::set<uint32_t> answered;
    std::optional<uint32_t> stands_at;
    bool ended = false;
  };
  static std::string name(const Query& query) {
    const auto [job, stream, ordinal] = query;
    return " of query " + std::to_string(job) + "/" + std::to_string(stream) + "/" + std::to_string(ordinal);
  }
  Places& below_cursor(const Query& query, const std::string& where) {
    const auto [job, stream, ordinal] = query;
    current_ = job;
    const v1::Stream* row = state_.streams.find({job, stream});
    expect(row != nullptr && ordinal < row->cursor(), where + " lies below the cursor");
    const auto [found, is_new] = queries_.try_emplace(query);
    placed_[{job, stream}] += is_new;
    return found->second;
  }
  Places& place(const Query& query, const std::string& where, uint32_t turn) {
    Places& places = below_cursor(query, where);
    expect(!places.stands_at, where + name(query) + " is its only place");
    places.stands_at = turn;
    return places;
  }
  uint64_t later_turns(const Query& query) {
    const v1::JobRecord* record = state_.jobs.find(std::get<0>(query));
    const uint64_t ordinals = record == nullptr ? 1 : ordinals_per_prompt(record->job());
    return later_turns_[std::get<0>(query)][std::get<2>(query) / ordinals];
  }
  /// Turns are answered one after the other, and one at most stands elsewhere: the next. What comes after an end is
  /// counted as unasked.
  void conversations() {
    for (const auto& [query, places] : queries_) {
      const auto answered = static_cast<uint32_t>(places.answered.size());
      expect(answered == 0 || *places.answered.rbegin() + 1 == answered, "turns have no hole" + name(query));
      expect(!places.stands_at || *places.stands_at == answered, "the next turn is what stands" + name(query));
      if (places.stands_at && !places.ended) continue;
      const uint64_t turns = later_turns(query) + 1, over = answered + (places.ended ? 1 : 0);
      expect(over <= turns, "no turn past the last" + name(query));
      v1::JobCounters& tally = tallies_[std::get<0>(query)];
      tally.set_unasked(tally.unasked() + turns - over);
    }
  }
  /// Where conversations stood is kept beside their endings, and nowhere else.
  void broken_off() {
    Database::Reader reader = database_.read();
    Database::Rows found = reader.range(Family::kDefault, Key(keys::kBrokenOff), Key(keys::kBrokenOff + 1));
    for (; found->Valid(); found->Next()) {
      KeyReader key(found->key()), value(found->value());
      key.u8();
      const auto places = queries_.find(query(key));
      expect(places != queries_.end() && places->second.ended, "a conversation that broke off has an ending");
      value.u32();
      v1::Postponed stood;
      expect(stood.ParseFromString(std::string(value.rest())), "where it stood can be read");
      const v1::JobRecord* record = state_.jobs.find(std::get<0>(places->first));
      const bool until = record != nullptr && !record->job().until().empty();
      expect(stood.parent_record_ids_size() == static_cast<int>(until ? std::min(1u, stood.turn()) : stood.turn()),
             "a parent for every turn before it, or the sample before it");
    }
  }
  template <typename Row, typename Visit>
  void rows(char tag, Visit&& visit) {
    Database::Reader reader = database_.read();
    Database::Rows found = reader.range(Family::kDefault, Key(tag), Key(static_cast<char>(tag + 1)));
    for (; found->Valid(); found->Next()) {
      Row row;
      expect(row.ParseFromString(found->value().ToString()), "a row can be read");
      KeyReader key(found->key());
      key.u8();
      visit(key, row);
    }
  }
  template <typename Visit>
  void family(Family family, Visit&& visit) {
    Database::Reader reader = database_.read();
    Database::Rows found = reader.range(family, Key().u64(0), Key().u64(~uint64_t{0}));
    for (; found->Valid(); found->Next()) visit(KeyReader(found->key()), found->value());
  }
  void answers() {
    family(Family::kAnswer, [&](KeyReader key, rocksdb::Slice value) {
      v1::Answer answer;
      std::string buffer;
      const auto message = large_row::unpacked(std::string_view(value.data(), value.size()), buffer);
      expect(message.ok() && answer.ParseFromString(std::string(*message)), "an answer can be read");
      const uint64_t number = key.u64();
      expect(number < state_.meta.find(keys::kMeta)->next_answer, "no answer is numbered past the next");
      answers_[number] = answer.cost_picodollars();
      jobs_of_answers_[number] = answer.job();
    });
  }
  void pairs() {
    family(Family::kPair, [&](KeyReader key, rocksdb::Slice value) {
      v1::Pair pair;
      expect(pair.ParseFromString(value.ToString()), "a pair can be read");
      const uint64_t dataset = key.u64();
      expect(key.u64() == pairs_[dataset]++, "sequence numbers have no hole");
      const uint64_t job = pair.job_number();
      const v1::JobRecord* record = state_.jobs.find(job);
      expect(record != nullptr, "a pair's job is there");
      if (record == nullptr) return;
      // What is imported was never asked, and has no stream.
      if (!pair.imported()) {
        const bool until = !record->job().until().empty();
        const Query query{job, static_cast<uint32_t>(std::stoul(pair.teacher().substr(1))),
                          pair.prompt() * ordinals_per_prompt(record->job()) + (until ? 0 : pair.sample())};
        const uint32_t turn = until ? pair.sample() : pair.turn();
        expect(below_cursor(query, "pair").answered.insert(turn).second, "one pair a turn" + name(query));
      }
      expect(pair.parent_record_ids_size() == static_cast<int>(pair.turn()), "a pair has its turn's parents");
      if (pair.log_index() >= 0)
        expect(entries_of_pairs_.emplace(pair.log_index(), pair.record_id()).second,
               "each pair has an entry of its own");
      v1::JobCounters& tally = tallies_[job];
      pair.refused() ? tally.set_refused(tally.refused() + 1) : tally.set_answered(tally.answered() + 1);
      if (pair.reused()) {
        tally.set_reused(tally.reused() + 1);
        reused_.push_back(pair);
      } else {
        ++sharers_[pair.answer()];
      }
      expect(answers_.contains(pair.answer()), "a pair's answer is there");
      // Paid for once, however many pairs are of it: the first choice is always one of them.
      if (!pair.reused() && pair.choice() == 0)
        tally.set_spent_picodollars(tally.spent_picodollars() + answers_[pair.answer()]);
    });
  }
  /// What a hedged attempt did not wait for was paid for as well.
  void answers_without_pairs() {
    for (const auto& [number, cost] : answers_) {
      if (sharers_.contains(number)) continue;
      state_.jobs.each_committed([&, id = jobs_of_answers_[number]](uint64_t job, const v1::JobRecord& record) {
        v1::JobCounters& tally = tallies_[job];
        if (record.id() == id) tally.set_spent_picodollars(tally.spent_picodollars() + cost);
      });
    }
  }
  /// Every attempt that a crash left open is kept, once, under its id; and of hedged ones the call that is out still.
  void lost() {
    uint64_t kept = 0;
    Database::Reader reader = database_.read();
    Database::Rows found = reader.range(Family::kDefault, Key(keys::kLost), Key(keys::kLost + 1));
    for (; found->Valid(); found->Next()) {
      KeyReader key(found->key()), value(found->value());
      key.u8();
      expect(value.i64() > 0, "a lost attempt was found at a time");
      v1::Intent intent;
      expect(intent.ParseFromString(std::string(value.rest())), "a lost attempt can be read");
      expect(key.rest() == intent.id(), "a lost attempt lies under its id");
      expect(state_.jobs.find(intent.job_number()) != nullptr, "a lost attempt's job is there");
      if (!intent.hedge()) ++kept;
    }
    expect(kept == state_.meta.find(keys::kMeta)->crash_intents_total, "as many lost attempts as are counted");
  }
  /// Every reuse saves one share of what its answer cost, among the pairs that the answer was settled as.
  void savings() {
    for (const v1::Pair& pair : reused_) {
      v1::JobCounters& tally = tallies_[pair.job_number()];
      const int64_t cost = answers_[pair.answer()], sharers = std::max<int64_t>(1, sharers_[pair.answer()]);
      const int64_t choice = pair.choice();
      tally.set_saved_picodollars(tally.saved_picodollars() + cost * (choice + 1) / sharers - cost * choice / sharers);
    }
  }
  /// The log has no hole, its tiles are what its entries make, and each pair's entry speaks of that pair.
  void log() {
    proof::RightEdge edge;
    std::map<std::pair<int, uint64_t>, proof::Hash> hashes;
    std::set<std::string> records;
    Database::Reader reader = database_.read();
    Database::Rows entries = reader.range(Family::kDefault, Key(keys::kEntry), Key(keys::kEntry + 1));
    for (; entries->Valid(); entries->Next()) {
      KeyReader key(entries->key());
      key.u8();
      expect(key.u64() == edge.size(), "log entries have no hole");
      const std::string entry = entries->value().ToString();
      const auto pair = entries_of_pairs_.find(edge.size());
      const std::string record = pair == entries_of_pairs_.end() ? "" : "\"record_id\":\"" + pair->second + "\"";
      expect((entry.find("\"op\":\"record\"") != std::string::npos) == !record.empty() &&
                 entry.find(record) != std::string::npos,
             "a pair's entry speaks of it, and each such entry is a pair's: " + entry);
      edge.append(proof::leaf_hash(entry), [&](const proof::Node& node, const proof::Hash& hash) {
        if (node.level % proof::kTileHeight == 0) hashes[{node.level / proof::kTileHeight, node.index}] = hash;
      });
    }
    expect(edge == *state_.log.find(keys::kEntry), "the log's size and edge");
    expect(entries_of_pairs_.empty() || entries_of_pairs_.rbegin()->first < edge.size(), "each pair's entry is there");
    Database::Rows stored = reader.range(Family::kDefault, Key(keys::kTileHash), Key(keys::kTileHash + 1));
    size_t count = 0;
    for (; stored->Valid(); stored->Next(), ++count) {
      KeyReader key(stored->key());
      key.u8();
      const int level = key.u8();
      const auto made = hashes.find({level, key.u64()});
      expect(made != hashes.end() && stored->value().ToString() == proof::bytes_of(made->second), "a tile's hash");
    }
    expect(count == hashes.size(), "each tile's hash is there");
  }
  void prompts() {
    family(Family::kPrompt, [&](KeyReader key, rocksdb::Slice value) {
      v1::PromptBlock block;
      expect(block.ParseFromString(value.ToString()), "a prompt block can be read");
      const uint64_t job = key.u64();
      const v1::JobRecord* record = state_.jobs.find(job);
      v1::JobCounters& tally = tallies_[job];
      expect(key.u64() == tally.prompts(), "prompt blocks have no hole");
      for (const v1::Prompt& prompt : block.prompts()) {
        later_turns_[job].push_back(record == nullptr ? 0 : store::later_turns(record->job(), prompt));
        tally.set_queries(tally.queries() + 1 + later_turns_[job].back());
      }
      tally.set_prompts(tally.prompts() + block.prompts_size());
    });
  }
  void compare() {
    state_.jobs.each_committed([&](uint64_t job, const v1::JobRecord& record) {
      const v1::JobCounters& said = *state_.tallies.find(job);
      const v1::JobCounters& counted = tallies_[job];
      const std::string name = " of job " + std::to_string(job);
      expect(said.prompts() == counted.prompts(), "prompts" + name);
      expect(said.answered() == counted.answered(), "answered" + name);
      expect(said.refused() == counted.refused(), "refused" + name);
      expect(said.rejected() == counted.rejected(), "rejected" + name);
      expect(said.quarantined() == counted.quarantined(), "quarantined" + name);
      expect(said.reused() == counted.reused(), "reused" + name);
      expect(said.saved_picodollars() == counted.saved_picodollars(), "saved" + name);
      expect(said.spent_picodollars() == counted.spent_picodollars(), "spent" + name);
      expect(said.unasked() == counted.unasked(), "unasked" + name);
      const bool each = record.job().ask() == v1::EACH;
      const uint64_t times = ordinals_per_prompt(record.job()) * (each ? record.job().teachers_size() : 1);
      if (record.state() != v1::DRAFT) expect(said.queries() == counted.queries() * times, "queries" + name);
      const uint64_t ended = said.answered() + said.refused() + said.rejected() + said.quarantined() + said.unasked();
      if (record.state() != v1::DRAFT && record.state() != v1::CANCELLED) {
        expect((record.state() == v1::FINISHED) == (ended == said.queries()), "finished exactly when all ended" + name);
      }
      at_risk_ += said.at_risk_picodollars();
      spent_ += said.spent_picodollars();
      tenants_at_risk_ += said.at_risk_picodollars();
      tenants_spent_ += said.spent_picodollars();
      attempts_ += static_cast<int64_t>(said.attempts());
      tokens_ += static_cast<int64_t>(said.input_tokens() + said.output_tokens());
    });
    state_.streams.each_committed([&](const StreamKey& key, const v1::Stream& stream) {
      const std::string name = " of stream " + std::to_string(key.first) + "/" + std::to_string(key.second);
      expect(stream.cursor() == placed_[key], "every query below the cursor has a place" + name);
      expect(stream.postponed() == postponed_[key], "postponed" + name);
    });
    state_.datasets.each_committed([&](const std::string& name, const v1::DatasetRecord& dataset) {
      expect(dataset.pairs() == pairs_[dataset.number()], "pairs of dataset " + name);
    });
    state_.days.each_committed([&](const DayKey&, const TeacherDay& day) {
      at_risk_ -= day.at_risk_picodollars;
      spent_ -= day.spent_picodollars;
      attempts_ -= static_cast<int64_t>(day.requests);
      tokens_ -= day.input_tokens + day.output_tokens;
    });
    // Probes belong to no tenant: what jobs spent is what their tenants did.
    state_.tenant_days.each_committed([&](const DayKey&, const TenantDay& day) {
      tenants_at_risk_ -= day.at_risk_picodollars;
      tenants_spent_ -= day.spent_picodollars;
    });
    expect(tenants_at_risk_ == 0 && tenants_spent_ == 0, "jobs and tenant-days hold the same money");
    // Members of batches are attempts, and no requests of a day.
    state_.batches.each_committed([&](uint64_t, const v1::Batch& batch) {
      attempts_ -= static_cast<int64_t>(batch.state() == v1::GATHERING ? gathering_[batch.number()] : batch.members());
    });
    expect(at_risk_ == 0 && spent_ == 0 && attempts_ == 0 && tokens_ == 0,
           "jobs and teacher-days hold the same money, attempts and tokens");
  }

  Database& database_;
  State state_;
  uint64_t current_ = 0;
  std::map<Query, Places> queries_;
  std::map<uint64_t, std::vector<uint64_t>> later_turns_;  // of each job's prompts
  std::map<StreamKey, uint64_t> placed_, postponed_;
  std::map<uint64_t, uint64_t> pairs_;
  std::map<uint64_t, std::string> entries_of_pairs_;  // log index → record id
  std::map<uint64_t, int64_t> answers_;               // what each cost
  std::map<uint64_t, std::string> jobs_of_answers_;
  std::map<uint64_t, int64_t> sharers_;  // pairs that each was settled as
  std::vector<v1::Pair> reused_;
  std::map<uint64_t, v1::JobCounters> tallies_;
  int64_t at_risk_ = 0, spent_ = 0, attempts_ = 0, tokens_ = 0;
  int64_t tenants_at_risk_ = 0, tenants_spent_ = 0;
  std::map<uint64_t, uint64_t> gathering_;
  std::vector<std::string> wrong_;
};

}  // namespace

std::vector<std::string> recount(const Options& options) {
  auto database = Database::open(options);
  if (!database.ok()) return {database.status().ToString()};
  return Recount(**database).run();
}

}  // namespace harvest::store::test
