// teachersim: the stand-in teacher. The way in: options, the books, the account (teacher.h), the server, signals, the
// end.
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl/context.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <string>

#include "tests/teachersim/ledger.h"
#include "tests/teachersim/moment.h"
#include "tests/teachersim/options.h"
#include "tests/teachersim/server/server.h"
#include "tests/teachersim/teacher.h"

namespace {

namespace asio = boost::asio;
using namespace teachersim;

constexpr int kExitFailure = 1;

int fail(const std::string& message) {
  std::cerr << "teachersim: " << message << "\n";
  return kExitFailure;
}

/// Every connection is a descriptor: take as many as are allowed.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) std::cerr << "teachersim: cannot raise the limit on open files\n";
}

/// Written beside and renamed, so that whoever waits for the file never reads half of it.
bool write_file(const std::string& path, const std::string& text) {
  const std::string beside = path + ".new";
  std::ofstream file(beside, std::ios::trunc);
  file << text;
  file.close();
  return file.good() && std::rename(beside.c_str(), path.c_str()) == 0;
}

bool report(const Options& options, const std::string& stats) {
  if (!options.stats.empty()) return write_file(options.stats, stats);
  std::cout << stats << std::flush;
  return std::cout.good();
}

/// Null and a message in `error` when a file is not what it should be.
std::unique_ptr<asio::ssl::context> load_tls(const Options& options, std::string& error) {
  auto tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  boost::system::error_code wrong;
  tls->use_certificate_chain_file(options.tls_cert, wrong);
  if (wrong) error = "cannot use the certificate " + options.tls_cert + ": " + wrong.message();
  if (wrong) return nullptr;
  tls->use_private_key_file(options.tls_key, asio::ssl::context::pem, wrong);
  if (wrong) error = "cannot use the key " + options.tls_key + ": " + wrong.message();
  return wrong ? nullptr : std::move(tls);
}

bool announce(const Options& options, const Server& server) {
  std::cout << "listening";
  for (const std::string& address : server.addresses()) {
    std::cout << " " << (options.tls_cert.empty() ? "http://" : "https://") << address << "/v1";
  }
  std::cout << std::endl;
  if (options.port_file.empty()) return true;
  std::string ports;
  for (const std::uint16_t port : server.ports()) ports += std::to_string(port) + "\n";
  return write_file(options.port_file, ports);
}

/// SIGTERM and SIGINT end the run, SIGUSR1 reports.
void await_signal(asio::signal_set& signals, asio::io_context& io, const std::function<void()>& on_report) {
  signals.async_wait([&signals, &io, on_report](const boost::system::error_code& error, int signal) {
    if (error) return;
    if (signal != SIGUSR1) return io.stop();
    on_report();
    await_signal(signals, io, on_report);
  });
}

int run(const Options& options) {
  raise_descriptor_limit();
  std::signal(SIGPIPE, SIG_IGN);  // clients that leave are no reason to die
  const Clock clock;

  std::unique_ptr<Ledger> ledger;
  std::string error;
  if (!options.ledger.empty()) ledger = Ledger::open(options.ledger, options.ledger_content, error);
  if (!error.empty()) return fail(error);
  std::unique_ptr<asio::ssl::context> tls;
  if (!options.tls_cert.empty()) tls = load_tls(options, error);
  if (!error.empty()) return fail(error);

  asio::io_context io(1);
  Teacher teacher(options.conduct, ledger.get(), clock.now().utc_us);
  Server server(io, clock, teacher, ledger.get(), tls.get());
  for (const auto& [host, port] : options.listen) {
    error = server.listen(host, port);
    if (!error.empty()) return fail(error);
  }
  asio::signal_set signals(io, SIGTERM, SIGINT, SIGUSR1);
  await_signal(signals, io, [&] {
    if (!report(options, teacher.stats_json(clock.now().now))) std::cerr << "teachersim: cannot write the stats\n";
  });
  server.start();
  if (!announce(options, server)) return fail("cannot write " + options.port_file);
  io.run();

  if (ledger && !ledger->flush()) return fail("cannot write the ledger");
  if (!report(options, teacher.stats_json(clock.now().now))) return fail("cannot write the stats");
  return server.failure().empty() ? 0 : fail(server.failure());
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (const int code = parse_options(argc, argv, options); code >= 0) return code;
  try {
    return run(options);
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}
