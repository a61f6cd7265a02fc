#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "tests/teachersim/options.h"

namespace teachersim {

/// What was typed where options.h wants something richer: options.cc checks and converts it after the parsing.
struct TypedFlags {
  std::vector<std::string> listen = {"127.0.0.1:8000"};
  std::vector<std::string> key_names;
  std::vector<std::string> aws_key_names;
  std::string answer_bytes = "1500";
  std::string input_price = "0";
  std::string cached_price;
  std::string output_price = "0";
  std::vector<std::string> dead;
  std::string enforcement = "token-bucket";
  std::string output_accounting = "reserve";
  int window_s = 60;
  int token_window_s = 0;
  double day_s = 86400;
  double latency_ms = 20;
  double jitter_ms = 0;
  double slow_s = 5;
  double stall_s = 60;
  double event_gap_ms = 0;
  double batch_s = 5;
  std::uint64_t turned_seed = 0;  // 0: as before
  bool no_ledger = false;         // says what is the default anyway
};

/// Declares every flag, in groups: the words of --help live in flags.cc. Both targets outlive the parsing.
void add_flags(CLI::App& app, Options& options, TypedFlags& typed);

}  // namespace teachersim
