#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <cstdio>
#include <exception>

#include "client/cpp/exit_code.h"
#include "client/ctl/commands.h"
#include "client/ctl/session.h"

/// harvestctl: speaks to a daemon. One command a file; this one names them.
int main(int argc, char** argv) try {
  using namespace harvest;
  ctl::Session session;
  CLI::App app{"harvestctl: submit jobs to a harvestd, watch and steer them, pull what they made"};
  app.add_option("--server", session.server, "gRPC address of the daemon, host:port")
      ->envname("HARVEST_SERVER")
      ->capture_default_str();
  app.add_option("--token-file", session.token_file,
                 "file with the token that lets you in (or the token itself in the environment's HARVEST_TOKEN)")
      ->envname("HARVEST_TOKEN_FILE");
  app.add_option("--ca", session.access.ca_file, "PEM file: who signed the daemon's certificate")
      ->envname("HARVEST_CA");
  app.add_option("--cert", session.access.certificate_file, "PEM file: your own certificate, for mTLS")
      ->envname("HARVEST_CERT");
  app.add_option("--key", session.access.key_file, "PEM file: its private key")->envname("HARVEST_KEY");
  app.add_flag("--json", session.json, "JSON on standard output, one object a line, fields as in the protos");
  app.require_subcommand(1);
  app.footer(client::kExitCodesHelp);
  ctl::add_submit(app, session);
  ctl::add_plan(app, session);
  ctl::add_jobs(app, session);
  ctl::add_why(app, session);
  ctl::add_halt(app, session);
  ctl::add_status(app, session);
  ctl::add_teachers(app, session);
  ctl::add_datasets(app, session);
  ctl::add_pairs(app, session);
  ctl::add_labels(app, session);
  ctl::add_sql(app, session);
  ctl::add_audit(app, session);
  ctl::add_tokens(app, session);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? client::kOk : client::kUsage;  // --help is an error to CLI11, and none to us
  }
  return session.exit_code();
} catch (const std::exception& error) {
  std::fprintf(stderr, "harvestctl: unexpected: %s\n", error.what());
  return harvest::client::kInternal;
}
