#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/teachersim/teacher.h"

namespace teachersim {

/// Everything that the command line says.
struct Options {
  std::vector<std::pair<std::string, std::uint16_t>> listen;  // host, port
  std::string port_file;
  std::string tls_cert;
  std::string tls_key;
  std::string ledger;  // empty: none
  bool ledger_content = false;
  std::string stats;  // empty: standard output
  Conduct conduct;
};

/// Reads the command line. Returns -1 to go on, or the exit code: 0 after --help, 2 after a message about a wrong flag.
int parse_options(int argc, char** argv, Options& options);

}  // namespace teachersim
