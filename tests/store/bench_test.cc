#include <malloc.h>
#include <time.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <random>

#include "rig.h"

// What the store costs. Hidden: `store_test "[bench]"` runs it, on the disk that TMPDIR lies on.
namespace harvest::store::test {
namespace {

double cpu_s(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double wall_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// As service/process.cc does for the whole service.
void keep_memory() {
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, 512 << 20);
  ::mallopt(M_TOP_PAD, 16 << 20);
}

/// Text that zstd makes about a third of, as it does of prose: words drawn unevenly from a fixed set.
class Prose {
 public:
  Prose() : random_(3) {
    for (std::string& word : words_) {
      for (size_t i = 3 + random_() % 7; i > 0; --i) word += static_cast<char>('a' + random_() % 26);
      word += ' ';
    }
  }
  std::string text(size_t bytes) {
    std::string text;
    text.reserve(bytes + 16);
    while (text.size() < bytes) {
      const uint32_t draw = random_() & 4095;
      text += words_[draw * (random_() & 4095) / 4096];
    }
    text.resize(bytes);
    return text;
  }

 private:
  std::mt19937 random_;
  std::array<std::string, 4096> words_;
};

/// The rows as large as the service makes them.
Settle full_settle(Rig& rig, const v1::Intent& intent, std::string raw) {
  Settle settle = rig.settle(intent, std::move(raw));
  v1::Answer& answer = settle.answer;
  answer.set_dialect("openai-chat");
  answer.set_vendor("a vendor");
  answer.set_model_requested("a-model-of-theirs");
  answer.set_model_reported("a-model-of-theirs-2026-01-01");
  answer.set_endpoint("https://api.vendor.example/v1");
  answer.mutable_usage()->set_input_tokens(200);
  answer.mutable_usage()->set_output_tokens(900);
  answer.set_requested_at_us(rig.now_us);
  answer.set_attempt(1);
  answer.set_request_id("req_" + settle.samples[0].pair.record_id());
  answer.set_principal("local");
  answer.set_job("j_01JAAAAAAAAAAAAAAAAAAAAAAA");
  answer.set_attempt_id(std::string(16, static_cast<char>(intent.ordinal())));
  v1::Pair& pair = settle.samples[0].pair;
  std::string noise(64, '\0');
  std::mt19937_64 random(intent.ordinal());
  for (size_t i = 0; i < noise.size(); i += 8) {
    const uint64_t word = random();
    std::memcpy(noise.data() + i, &word, 8);
  }
  pair.set_finish_reason("stop");
  pair.set_principal("local");
  pair.set_salt(noise.substr(0, 32));
  pair.set_commit(noise.substr(32));
  pair.set_log_index(-1);
  pair.set_source("a source");
  pair.set_licence("CC-BY-4.0");
  for (size_t i = 0; i < settle.samples[0].identity.size(); ++i) {
    settle.samples[0].identity[i] = static_cast<uint8_t>(noise[i] ^ noise[63 - i]);
  }
  return settle;
}

void measure_pairs(size_t bytes, uint64_t queries, uint64_t group) {
  Rig rig;
  rig.options.memtable_bytes = Options().memtable_bytes;
  rig.open();
  const uint64_t job = rig.job(queries);
  Prose prose;
  std::vector<Reserve> reserves;
  std::vector<Settle> settles, next_settles;
  std::atomic<double> store_cpu = 0;
  double main_cpu = 0, push_cpu = 0, waited = 0;
  const double store_before = [&] {
    std::atomic<double> now = 0;
    rig->apply(SetHalt{false, ""}, [&](const auto&, const auto&) { now = cpu_s(CLOCK_THREAD_CPUTIME_ID); });
    rig.must(SetHalt{false, ""});
    return now.load();
  }();
  const double process_before = cpu_s(CLOCK_PROCESS_CPUTIME_ID);
  const double main_before = cpu_s(CLOCK_THREAD_CPUTIME_ID);
  for (uint64_t first = 0; first < queries; first += group) {
    reserves.clear();
    next_settles.clear();
    for (uint64_t k = first; k < first + group; ++k) {
      reserves.push_back(rig.reserve(rig.intent(job, 0, k)));
      next_settles.push_back(full_settle(rig, reserves.back().intent, prose.text(bytes)));
    }
    const double wall = wall_s();
    const double pushing = cpu_s(CLOCK_THREAD_CPUTIME_ID);
    for (Reserve& reserve : reserves) rig->apply(std::move(reserve), [](const auto&, const auto&) {});
    for (Settle& settle : settles) rig->apply(std::move(settle), [](const auto&, const auto&) {});
    rig->apply(SetHalt{false, ""}, [&](const auto&, const auto&) { store_cpu = cpu_s(CLOCK_THREAD_CPUTIME_ID); });
    push_cpu += cpu_s(CLOCK_THREAD_CPUTIME_ID) - pushing;
    rig.must(SetHalt{false, ""});
    waited += wall_s() - wall;
    settles.swap(next_settles);
  }
  main_cpu = cpu_s(CLOCK_THREAD_CPUTIME_ID) - main_before;
  const double all = cpu_s(CLOCK_PROCESS_CPUTIME_ID) - process_before - main_cpu;
  const double store = store_cpu - store_before;
  const double n = static_cast<double>(queries) * 1e-6;
  std::printf(
      "%zu byte answers, %llu + %llu a group: store thread %.1f us, RocksDB's threads %.1f us, push %.1f us "
      "a pair; %.0f pairs/s while it ran\n",
      bytes, static_cast<unsigned long long>(group), static_cast<unsigned long long>(group), store / n,
      (all - store) / n, push_cpu / n, static_cast<double>(queries) / waited);
  std::fflush(stdout);
  CHECK(rig->job(job)->counters().answered() == queries - group);
  rig.crash();
  uint64_t disk = 0;
  for (const auto& file : std::filesystem::directory_iterator(rig.options.path)) {
    if (file.path().extension() == ".sst") disk += file.file_size();
  }
  std::printf("  tables: %.0f bytes a pair\n", static_cast<double>(disk) / static_cast<double>(queries));
}

size_t resident_kb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmRSS:", 0) == 0) return std::strtoull(line.c_str() + 6, nullptr, 10);
  }
  return 0;
}

/// Adds prompts of 300 bytes in chunks as the API hands them on; the CPU seconds of the store's side.
double add_prompts(Rig& rig, uint64_t job, uint64_t prompts) {
  constexpr uint64_t kChunk = 2048;
  double cpu = 0;
  for (uint64_t first = 0; first < prompts; first += kChunk) {
    const uint64_t count = std::min(kChunk, prompts - first);
    AddPrompts chunk{job, first, count, prompt_block(first, count, 260)};
    const double all = cpu_s(CLOCK_PROCESS_CPUTIME_ID);
    rig.must(std::move(chunk));
    cpu += cpu_s(CLOCK_PROCESS_CPUTIME_ID) - all;
  }
  return cpu;
}

}  // namespace

TEST_CASE("what a reservation and its answer cost", "[.][bench][cost]") {
  keep_memory();
  measure_pairs(1500, 60'000, 100);
  measure_pairs(4000, 40'000, 100);
}

TEST_CASE("what a proof costs in a long log", "[.][bench][log]") {
  keep_memory();
  Rig rig;
  rig.options.memtable_bytes = Options().memtable_bytes;
  rig.open();
  const uint64_t entries = static_cast<uint64_t>(10'000'000 * scale());
  const double appending = wall_s();
  for (uint64_t i = 0; i < entries; ++i) {
    rig->apply(
        LogCommand{{"Jobs/PauseJob", "j_01JAAAAAAAAAAAAAAAAAAAAAAA", "local:ana", "", "", 1}, std::string(32, 's')},
        [](const auto&, const auto&) {});
    if (i % 1000 == 999) rig.must(SetHalt{false, ""});
  }
  rig.must(SetHalt{false, ""});
  std::printf("%llu entries at %.0f a second\n", static_cast<unsigned long long>(entries),
              static_cast<double>(entries) / (wall_s() - appending));
  rig.close();
  const double opening = wall_s();
  rig.open();
  std::printf("opened in %.3f s\n", wall_s() - opening);
  std::mt19937_64 random(5);
  double worst = 0, all = 0;
  constexpr int kProofs = 200;
  for (int i = 0; i < kProofs; ++i) {
    const uint64_t index = random() % entries;
    const double begin = wall_s();
    const auto proof = rig->log_inclusion(index, entries);
    const double took = wall_s() - begin;
    REQUIRE(proof.ok());
    worst = std::max(worst, took);
    all += took;
  }
  std::printf("a proof: %.2f ms, the slowest of %d %.2f ms\n", all / kProofs * 1e3, kProofs, worst * 1e3);
}

TEST_CASE("what prompts cost and what stays of them in memory", "[.][bench][prompts]") {
  keep_memory();
  Rig rig;
  rig.options.memtable_bytes = Options().memtable_bytes;
  rig.open();
  const uint64_t few = rig.draft();
  add_prompts(rig, few, 50'000);
  rig.must(CommitDraft{few, 50'000, 0});
  const size_t before = resident_kb();
  const uint64_t prompts = static_cast<uint64_t>(5'000'000 * scale());
  const uint64_t many = rig.draft();
  const double wall = wall_s();
  const double cpu = add_prompts(rig, many, prompts);
  std::printf("%.0f prompts/s of store CPU, all threads; %.0f prompts/s with making them\n",
              static_cast<double>(prompts) / cpu, static_cast<double>(prompts) / (wall_s() - wall));
  rig.must(CommitDraft{many, prompts, 0});
  const size_t after = resident_kb();
  std::printf("resident: %zu MB with 50000 waiting prompts, %zu MB with %llu more\n", before >> 10, after >> 10,
              static_cast<unsigned long long>(prompts));
  CHECK(after < before + (64 << 10));
}

TEST_CASE("a store of a million pairs and a million waiting prompts opens at once", "[.][bench][open]") {
  keep_memory();
  Rig rig;
  rig.options.memtable_bytes = Options().memtable_bytes;
  rig.open();
  const uint64_t million = static_cast<uint64_t>(1'000'000 * scale());
  const uint64_t job = rig.draft(2);
  add_prompts(rig, job, million);
  rig.must(CommitDraft{job, million, 0});
  Prose prose;
  const std::string text = prose.text(1000);
  for (uint64_t first = 0; first < million; first += 1000) {
    std::vector<v1::Intent> intents;
    for (uint64_t k = first; k < first + 1000; ++k) {
      intents.push_back(rig.intent(job, 0, k));
      rig->apply(rig.reserve(intents.back()), [](const auto&, const auto&) {});
    }
    rig.must(SetHalt{false, ""});
    for (const v1::Intent& intent : intents) {
      rig->apply(full_settle(rig, intent, text), [](const auto&, const auto&) {});
    }
    rig.must(SetHalt{false, ""});
  }
  for (const bool clean : {false, true, true}) {
    clean ? rig.close() : rig.crash();
    const double wall = wall_s();
    rig.open();
    const double took = wall_s() - wall;
    std::printf("opened in %.3f s after a %s\n", took, clean ? "clean end" : "crash");
    if (clean) CHECK(took < 0.5);
  }
}

}  // namespace harvest::store::test
