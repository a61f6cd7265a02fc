// harvestd: `serve` is the daemon, `check` validates a configuration, `run` harvests once in the foreground.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <string>

#include "client/cpp/exit_code.h"
#include "service/process.h"
#include "service/run.h"
#include "service/serve.h"
#include "service/signals.h"
#include "service/version.h"

namespace harvest {
namespace {

int main_of(int argc, char** argv) {
  const Signals signals;
  prepare_process();

  CLI::App app{"harvestd: asks teacher models what a data team's jobs need, keeps every answer, publishes shards."};
  app.set_version_flag("--version", std::string(kVersion));
  app.require_subcommand(1);
  app.footer(std::string(client::kExitCodesHelp));

  std::string config;
  CLI::App* serve = app.add_subcommand("serve", "Be the daemon until SIGTERM");
  serve->add_option("--config", config, "YAML configuration file")->required();
  serve->footer("Example: harvestd serve --config harvest.yaml");

  CLI::App* check = app.add_subcommand("check", "Validate a configuration and name every mistake");
  check->add_option("--config", config, "YAML configuration file")->required();
  check->footer("Example: harvestd check --config harvest.yaml");

  CLI::App* run = app.add_subcommand("run", "Harvest once in the foreground, without ports; the same command resumes");
  run->add_option("--config", config, "YAML configuration file")->required();
  run->footer(
      "Example: harvestd run --config harvest.yaml --teacher qwen --purpose training --dataset demo prompts.jsonl\n" +
      std::string(client::kExitCodesHelp));
  RunCommand run_command(*run);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : client::kUsage;
  }
  if (*serve) return serve_until_signal(config, signals);
  if (*check) return check_config(config);
  return run_command.execute(config, signals);
}

}  // namespace
}  // namespace harvest

int main(int argc, char** argv) {
  try {
    return harvest::main_of(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "harvestd: " << error.what() << "\n";
    return harvest::client::kInternal;
  }
}
