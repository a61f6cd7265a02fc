// The published table of how much of a limit is used, and at how many 429s: ours and what others do, against every
// enforcement and network, as Markdown.
//
//   limit_table [SEEDS]      5 unless said
#include <cstdio>
#include <cstdlib>

#include "tests/simulation/limit_rows.h"

using namespace harvest::simulation;

namespace {

void print(const char* format, const Spread& spread) {
  std::printf(format, spread.median, spread.least, spread.most);
}

void print_load(Load load, uint64_t seeds) {
  std::printf(
      "\n| enforced as | network | paced by | used of the limit | bound W/(W+D) | 429s per 1,000 calls | "
      "429s of the first minute | converged after, s | after a restart, s |\n|---|---|---|---|---|---|---|---|---|\n");
  for (const Kind& kind : kKinds)
    for (const Network& network : kNetworks)
      for (const Way way : kWays) {
        const Row figures = row(kind, network, load, way, seeds);
        std::printf("| %s | %s | %s | ", kind.name, network.name, name_of(way).c_str());
        print("%.3f (%.3f to %.3f)", figures.used);
        std::printf(" | %.3f | ", bound(kind, network));
        print("%.2f (%.2f to %.2f)", figures.refused);
        print(" | %.0f (%.0f to %.0f)", figures.refused_at_first);
        print(" | %.0f (%.0f to %.0f)", figures.converged);
        print(" | %.0f (%.0f to %.0f) |\n", figures.converged_again);
        std::fflush(stdout);
      }
}

}  // namespace

int main(int argc, char** argv) {
  const uint64_t seeds = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 5;
  if (seeds == 0) return std::fprintf(stderr, "usage: limit_table [SEEDS]\n"), 2;
  std::printf(
      "# How much of a limit is used\n\n"
      "Made by `build/bin/limit_table %lu > service/limit/TABLE.md`. A client that always has more to ask, a quarter "
      "of an hour with a restart after ten "
      "minutes, calls of 1 to 4 s; median (least to largest) of %lu seeds, from the second minute on but for the "
      "columns that say otherwise. Converged: when a minute begins that is used to 0.95 of what the run uses.\n",
      static_cast<unsigned long>(seeds), static_cast<unsigned long>(seeds));
  std::printf("\n## %ld requests a minute\n", static_cast<long>(kRequestsPerMinute));
  print_load(Load::kRequests, seeds);
  std::printf("\n## %ld input tokens a minute, a prompt takes 2 to 10 %% of a window's share\n",
              static_cast<long>(kTokensPerMinute));
  print_load(Load::kCoarseTokens, seeds);
}
