// The yardstick of run.py as a program of its own, so that it can be pinned to a core: POSTs the lines of a file as
// bodies and prints one JSON object.
//
//     bare_curl_loop URL BODIES_FILE CONCURRENCY REQUESTS
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "tests/transport/bare_curl.h"

int main(int count, char** values) {
  if (count != 5) {
    std::fprintf(stderr, "usage: bare_curl_loop URL BODIES_FILE CONCURRENCY REQUESTS\n");
    return 2;
  }
  std::ifstream file(values[2]);
  std::vector<std::string> bodies;
  for (std::string line; std::getline(file, line);) bodies.push_back(line);
  const size_t concurrency = std::strtoul(values[3], nullptr, 10), requests = std::strtoul(values[4], nullptr, 10);
  if (bodies.empty() || concurrency == 0 || requests < 10) {
    std::fprintf(stderr, "bare_curl_loop: no bodies in %s, or nothing to do\n", values[2]);
    return 2;
  }
  const auto run = harvest::testing::BareCurl::run(values[1], bodies, concurrency, requests);
  const double per = static_cast<double>(run.requests);
  std::printf("{\"per_second\": %.1f, \"cpu_us\": %.2f, \"failed\": %zu}\n", per / run.wall_seconds,
              run.cpu_seconds / per * 1e6, run.failed);
  return 0;
}
