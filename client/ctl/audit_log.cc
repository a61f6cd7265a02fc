// The transparency log: proofs from the daemon, checks without it.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cpp/log_verify.h"
#include "client/cpp/terminal_text.h"
#include "client/ctl/commands.h"
#include "client/ctl/session.h"
#include "storage/corpus/atomic_file.h"
#include "storage/corpus/canonical_json.h"

namespace harvest::ctl {
namespace {

struct LogFlags {
  std::string record, out;
  std::vector<std::string> keys, witnesses, files;
  size_t witnesses_needed = 0;
  uint64_t last = 10;
  bool all = false, follow = false;
};

int prove(Session& session, const LogFlags& flags) {
  v1::GetProofRequest request;
  request.set_record_id(flags.record);
  const auto proof = session.client().proof(request);
  if (!proof.ok()) return session.fail(proof.status());
  const std::string path = flags.out.empty() ? flags.record + ".tlog-proof" : flags.out;
  if (path == "-") {
    std::fwrite(proof->file().data(), 1, proof->file().size(), stdout);
    return client::kOk;
  }
  if (absl::Status written = corpus::write_file_atomically(path, proof->file()); !written.ok())
    return session.fail(written);
  return session.answer(proof, [&](const v1::InclusionProof& reply) {
    session.print_facts({{"proof", path},
                         {"index", absl::StrCat(reply.index())},
                         {"entry", reply.entry()},
                         {"salt", reply.salt_hex()},
                         {"key", reply.verifier_key()}});
    session.say("to check it anywhere: harvestctl audit verify --key KEY " + path);
  });
}

absl::StatusOr<std::vector<proof::VerifierKey>> keys_of(const std::vector<std::string>& given) {
  std::vector<proof::VerifierKey> keys;
  for (const std::string& one : given) {
    auto key = client::verifier_key_of(one);
    if (!key.ok()) return key.status();
    keys.push_back(*std::move(key));
  }
  return keys;
}

void show_verified(const Session& session, const std::string& path, const client::LogVerify::Verified& verified) {
  if (session.json) {
    corpus::JsonObject json;
    json.text("file", path);
    json.text("kind", verified.kind);
    json.text("log", verified.checkpoint.origin);
    json.number("size", verified.checkpoint.size);
    json.number("witnesses", verified.witnesses);
    if (verified.kind == "proof") {
      json.number("index", verified.index);
      json.text("entry", verified.entry);
    }
    std::printf("%s\n", json.text().c_str());
    return;
  }
  std::string line = absl::StrCat(path, ": verified: ");
  if (verified.kind == "proof") absl::StrAppend(&line, "entry ", verified.index, " of ");
  absl::StrAppend(&line, verified.checkpoint.origin, ", ", verified.checkpoint.size, " entries",
                  verified.kind == "log" ? ", every tile" : "");
  if (verified.witnesses > 0) absl::StrAppend(&line, ", cosigned by ", verified.witnesses);
  std::printf("%s\n", client::safe_text(line).c_str());
  if (verified.kind == "proof") std::printf("  %s\n", client::safe_text(verified.entry).c_str());
}

int verify(Session& session, const LogFlags& flags) {
  auto logs = keys_of(flags.keys);
  if (!logs.ok()) return session.fail(logs.status());
  auto witnesses = keys_of(flags.witnesses);
  if (!witnesses.ok()) return session.fail(witnesses.status());
  client::LogVerify check({*std::move(logs), *std::move(witnesses), flags.witnesses_needed});
  std::vector<std::string> files = flags.files;
  std::stable_partition(files.begin(), files.end(),
                        [](const std::string& path) { return !std::filesystem::is_directory(path); });
  int code = client::kOk;
  for (const std::string& path : files) {
    const auto verified = check.check(path);
    if (verified.ok()) {
      show_verified(session, path, *verified);
    } else {
      session.fail(verified.status());
      code = absl::IsNotFound(verified.status()) ? client::kNotFound : client::kStore;
    }
  }
  return code;
}

int tail(Session& session, const LogFlags& flags) {
  v1::TailLogRequest request;
  if (!flags.all) request.set_last_count(flags.last);
  request.set_follow(flags.follow);
  if (flags.follow) catch_interrupts();
  const absl::Status status = session.client().tail_log(request, [&](const v1::LoggedEntry& entry) {
    if (session.json)
      session.print_json(entry);
    else
      std::printf("%llu\t%s%s%s\n", static_cast<unsigned long long>(entry.index()),
                  client::safe_text(entry.entry()).c_str(), entry.action().empty() ? "" : "\t",
                  client::safe_text(entry.action()).c_str());
    std::fflush(stdout);
    return !interrupted();
  });
  return status.ok() ? client::kOk : session.fail(status);
}

}  // namespace

void add_audit_log(CLI::App& audit, Session& session) {
  auto flags = std::make_shared<LogFlags>();
  CLI::App& proof =
      session.command(audit, "proof", "that a pair is in the transparency log, as a file that anyone can check offline",
                      "audit proof r_01JD2X5V8Q0000000000000000 --out pair.tlog-proof",
                      [&session, flags] { return prove(session, *flags); });
  proof.add_option("record", flags->record, "the pair's record id")->required()->type_name("ID");
  proof.add_option("--out", flags->out, "where to (default: ID.tlog-proof; -: standard output)")->type_name("FILE");
  CLI::App& verify_command = session.command(
      audit, "verify", "checks proofs, checkpoints and copies of the log from files alone, without a daemon",
      "audit verify --key harvest.local/log+8efac513+AQOhB7… pair.tlog-proof checkpoint\n"
      "Exit code 8: something does not hold; each such file is named.",
      [&session, flags] { return verify(session, *flags); });
  verify_command
      .add_option("--key", flags->keys,
                  "of the log: NAME+ID+KEY, or a file with it; once for each key that it ever had")
      ->required()
      ->allow_extra_args(false)
      ->type_name("KEY");
  verify_command.add_option("--witness", flags->witnesses, "of a witness, likewise")
      ->allow_extra_args(false)
      ->type_name("KEY");
  verify_command.add_option("--witnesses-needed", flags->witnesses_needed,
                            "so many of them have cosigned (0: none need have)");
  verify_command.add_option("files", flags->files, "proofs, checkpoints, directories of checkpoint and tile/…")
      ->required()
      ->type_name("FILE...");
  CLI::App& log = session.command(audit, "log", "the transparency log", "audit log tail");
  CLI::App& tail_command =
      session.command(log, "tail", "its last entries; of commands who gave them and why",
                      "audit log tail --last 3 --follow", [&session, flags] { return tail(session, *flags); });
  tail_command.add_option("--last", flags->last, "so many")->capture_default_str();
  tail_command.add_flag("--all", flags->all, "from the first one on");
  tail_command.add_flag("--follow", flags->follow, "go on as it grows, until interrupted");
}

}  // namespace harvest::ctl
