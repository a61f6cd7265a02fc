#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/cpp/access.h"
#include "client/ctl/commands.h"
#include "client/ctl/session.h"
#include "storage/card/croissant.h"
#include "storage/card/hugging_face.h"
#include "storage/corpus/atomic_file.h"
#include "storage/corpus/canonical_json.h"
#include "storage/corpus/manifest.h"

namespace harvest::ctl {
namespace {

struct CardFlags {
  std::string dataset;
  std::string view = "default";
  uint64_t version = 0;
  std::string format = "croissant";
  std::string out;
};

int card(Session& session, const CardFlags& flags) {
  const auto reply = session.client().manifest(flags.dataset, flags.view, flags.version);
  if (!reply.ok()) {
    return session.fail(reply.status());
  }
  const auto manifest = corpus::parse_manifest(reply->manifest());
  if (!manifest.ok()) {
    return session.fail(manifest.status());
  }
  // Where its files are served; of a service without that face, what names the version everywhere.
  const std::string url =
      reply->http_base().empty()
          ? absl::StrCat("urn:sha256:", reply->sha256())
          : std::string(absl::StripSuffix(client::reachable(reply->http_base(), session.server), "shards/"));
  const std::string text =
      flags.format == "croissant" ? card::croissant_json(*manifest, url) + "\n" : card::hugging_face_card(*manifest);
  if (flags.out.empty()) {
    std::fputs(text.c_str(), stdout);
    return client::kOk;
  }
  if (const absl::Status status = corpus::write_file_atomically(flags.out, text); !status.ok()) {
    return session.fail(status);
  }
  if (session.json) {
    corpus::JsonObject json;
    json.text("dataset", flags.dataset);
    json.text("view", flags.view);
    json.number("version", manifest->version());
    json.text("format", flags.format);
    json.text("file", flags.out);
    std::printf("%s\n", json.text().c_str());
  }
  session.say(absl::StrCat(flags.out, ": ", flags.dataset, " version ", manifest->version()));
  return client::kOk;
}

}  // namespace

void add_card(CLI::App& datasets, Session& session) {
  auto flags = std::make_shared<CardFlags>();
  CLI::App& command = session.command(datasets, "card",
                                      "describe a published version for others: as a Croissant document, or as a "
                                      "Hugging Face dataset card. Both belong beside its manifest",
                                      "datasets card maths --format croissant --out ./maths/croissant.json",
                                      [=, &session] { return card(session, *flags); });
  command.add_option("DATASET", flags->dataset, "the dataset's name")->required();
  command.add_option("--view", flags->view, "the view")->capture_default_str();
  command.add_option("--version", flags->version, "the version (default: the latest)");
  command.add_option("--format", flags->format, "croissant or hugging-face")
      ->check(CLI::IsMember({"croissant", "hugging-face"}))
      ->capture_default_str();
  command.add_option("--out", flags->out, "the file to write (default: standard output)");
}

}  // namespace harvest::ctl
