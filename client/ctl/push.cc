#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cpp/held_version.h"
#include "client/cpp/shard_fetch.h"
#include "client/cpp/terminal_text.h"
#include "client/ctl/commands.h"
#include "client/ctl/session.h"
#include "client/s3/curl_wire.h"
#include "client/s3/dataset_pusher.h"
#include "client/s3/part_plan.h"
#include "storage/corpus/atomic_file.h"
#include "storage/corpus/canonical_json.h"
#include "storage/corpus/manifest.h"

namespace harvest::ctl {
namespace {

constexpr size_t kPulledManifestBytesMax = 256 << 20;

struct PushFlags {
  std::string dataset;
  std::string destination;
  std::string view = "default";
  uint64_t version = 0;
  std::string from;
  std::string endpoint;
  std::string region = "us-east-1";
  bool allow_http = false;
  uint64_t part_bytes = s3::kPartBytes;
};

/// A folder of this run alone, gone with it.
class WorkFolder {
 public:
  ~WorkFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  absl::StatusOr<std::string> path() {
    if (path_.empty()) {
      std::error_code error;
      std::string name = (std::filesystem::temp_directory_path(error) / "harvest-push-XXXXXX").string();
      if (error || mkdtemp(name.data()) == nullptr) {
        return absl::ResourceExhaustedError(
            absl::StrCat("cannot make a temporary folder ", name, "; TMPDIR names another place"));
      }
      path_ = name;
    }
    return path_;
  }

 private:
  std::string path_;
};

absl::StatusOr<s3::CurlWireOptions> wire_options(const PushFlags& flags, const s3::Place& place) {
  s3::CurlWireOptions options;
  options.endpoint = absl::StrCat("https://s3.", flags.region, ".amazonaws.com");
  if (!flags.endpoint.empty()) {
    options.endpoint =
        absl::EndsWith(flags.endpoint, "/") ? flags.endpoint.substr(0, flags.endpoint.size() - 1) : flags.endpoint;
  }
  if (const absl::Status status = s3::check_endpoint(options.endpoint, flags.allow_http); !status.ok()) {
    return status;
  }
  auto credentials = s3::credentials_from_environment();
  if (!credentials.ok()) {
    return credentials.status();
  }
  options.credentials = *std::move(credentials);
  options.region = flags.region;
  options.bucket = place.bucket;
  const char* const ca_file = std::getenv("AWS_CA_BUNDLE");
  options.ca_file = ca_file == nullptr ? "" : ca_file;
  options.go_on = [] { return !interrupted(); };
  return options;
}

/// Out of a folder that was pulled before: no daemon is asked.
absl::Status take_from_folder(const PushFlags& flags, s3::PushPlan& plan) {
  auto bytes = corpus::read_file(flags.from + "/manifest.json", kPulledManifestBytesMax);
  if (!bytes.ok()) {
    return bytes.status();
  }
  const auto manifest = corpus::parse_manifest(*bytes);
  if (!manifest.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(flags.from, "/manifest.json: ", manifest.status().message()));
  }
  if (manifest->dataset() != flags.dataset || manifest->view() != flags.view ||
      (flags.version > 0 && manifest->version() != flags.version)) {
    return absl::FailedPreconditionError(absl::StrCat(
        flags.from, ": found version ", manifest->version(), " of ", manifest->dataset(), " (view ", manifest->view(),
        "), expected ", flags.version > 0 ? absl::StrCat("version ", flags.version, " of ") : "", flags.dataset,
        " (view ", flags.view, ")"));
  }
  plan.manifest = *std::move(bytes);
  plan.sha256 = corpus::manifest_sha256(plan.manifest);
  plan.bring = [from = flags.from](const v1::Shard& shard) { return absl::StrCat(from, "/shards/", shard.path()); };
  plan.check_follows = [sha256 = plan.sha256](const client::HeldVersion& held, const v1::Manifest& manifest) {
    return held.check_follows(manifest, sha256);
  };
  return absl::OkStatus();
}

/// From the service, one shard after the other, each gone again once it was sent.
absl::Status take_from_service(Session& session, const PushFlags& flags, WorkFolder& work, s3::PushPlan& plan) {
  auto reply = session.client().manifest(flags.dataset, flags.view, flags.version);
  if (!reply.ok()) {
    return reply.status();
  }
  if (const auto manifest = client::checked_manifest(*reply); !manifest.ok()) {
    return manifest.status();
  }
  if (reply->http_base().empty()) {
    return absl::FailedPreconditionError("the service has no HTTP face to pull shards from");
  }
  plan.manifest = reply->manifest();
  plan.sha256 = reply->sha256();
  plan.bring = [&session, &work, base = client::reachable(reply->http_base(), session.server)](
                   const v1::Shard& shard) -> absl::StatusOr<std::string> {
    const auto folder = work.path();
    if (!folder.ok()) {
      return folder.status();
    }
    const std::string path = absl::StrCat(*folder, "/", shard.path());
    const auto fetched =
        client::fetch_shard({absl::StrCat(base, shard.path()), path, shard.sha256(), shard.bytes(), session.access});
    return fetched.ok() ? absl::StatusOr<std::string>(path) : fetched.status();
  };
  plan.sent = [](const std::string& path) { unlink(path.c_str()); };
  plan.check_follows = [&session, sha256 = plan.sha256](const client::HeldVersion& held, const v1::Manifest& manifest) {
    return held.check_follows(session.client(), manifest, sha256);
  };
  return absl::OkStatus();
}

void show_push(Session& session, const PushFlags& flags, const s3::PushPlan& plan, const s3::PushReport& report) {
  if (session.json) {
    corpus::JsonObject json;
    json.text("dataset", flags.dataset);
    json.text("view", flags.view);
    json.number("version", report.version);
    json.text("destination", plan.place.text(""));
    json.number("shards", report.shards);
    json.number("kept", report.kept);
    json.number("rows", report.rows);
    json.number("bytes", report.bytes);
    json.number("bytes_sent", report.bytes_sent);
    json.number("parts_kept", report.parts_kept);
    json.boolean("manifest_sent", report.manifest_sent);
    json.text("manifest_sha256", plan.sha256);
    std::printf("%s\n", json.text().c_str());
    return;
  }
  session.say(absl::StrCat(
      flags.dataset, " version ", report.version, ": ", client::counted(report.rows, "pair"), " in ",
      client::counted(report.shards, "shard"), " (", report.kept, " kept, ", report.bytes_sent, " bytes sent",
      report.parts_kept > 0 ? absl::StrCat(", ", client::counted(report.parts_kept, "part"), " kept") : "", ") in ",
      plan.place.text(""), report.manifest_sent ? "" : ", which held this version already"));
}

int push(Session& session, const PushFlags& flags) {
  auto place = s3::parse_place(flags.destination);
  if (!place.ok()) {
    return session.fail(place.status());
  }
  auto options = wire_options(flags, *place);
  if (!options.ok()) {
    return session.fail(options.status());
  }
  WorkFolder work;
  s3::PushPlan plan;
  plan.dataset = flags.dataset;
  plan.view = flags.view;
  plan.place = *place;
  plan.part_bytes = flags.part_bytes;
  plan.go_on = [] { return !interrupted(); };
  const bool on_terminal = client::is_terminal(STDERR_FILENO);
  plan.on_shard = [on_terminal](uint64_t done, uint64_t all) {
    if (on_terminal) {
      std::fprintf(stderr, "\r\x1b[Kshard %llu of %llu%s", static_cast<unsigned long long>(done),
                   static_cast<unsigned long long>(all), done == all ? "\n" : "");
    }
  };
  const absl::Status taken =
      flags.from.empty() ? take_from_service(session, flags, work, plan) : take_from_folder(flags, plan);
  if (!taken.ok()) {
    return session.fail(taken);
  }
  catch_interrupts();
  s3::CurlWire wire(*std::move(options));
  s3::Bucket bucket(wire, place->bucket);
  const auto report = s3::push(bucket, plan);
  if (!report.ok()) {
    return session.fail(report.status());
  }
  show_push(session, flags, plan, *report);
  return client::kOk;
}

}  // namespace

void add_push(CLI::App& datasets, Session& session) {
  auto flags = std::make_shared<PushFlags>();
  CLI::App& command = session.command(
      datasets, "push",
      "put a published version into an S3-compatible bucket, its manifest last; the keys come from the environment: "
      "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN",
      "datasets push maths s3://corpora/maths --region eu-central-1", [=, &session] { return push(session, *flags); });
  command.add_option("DATASET", flags->dataset, "the dataset's name")->required();
  command.add_option("DESTINATION", flags->destination, "s3://BUCKET/PREFIX")->required();
  command.add_option("--view", flags->view, "the view")->capture_default_str();
  command.add_option("--version", flags->version, "the version (default: the latest)");
  command.add_option("--from", flags->from,
                     "a directory that was pulled before, and no daemon is asked (default: from the service)");
  command.add_option("--endpoint", flags->endpoint,
                     "https://HOST[:PORT] of the bucket's server (default: Amazon's in the region)");
  command.add_option("--region", flags->region, "the bucket's region, as signatures name it")
      ->check([](const std::string& region) {
        const bool plain =
            !region.empty() && region.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
        return plain ? std::string() : "expected small letters, digits and hyphens, as in eu-central-1";
      })
      ->capture_default_str();
  command.add_flag("--allow-http", flags->allow_http, "an endpoint on another machine may be http://, in the clear");
  command
      .add_option("--part-bytes", flags->part_bytes,
                  "what is sent at once and held in memory, 5 MiB to 1 GiB; a larger shard goes in parts, and an "
                  "interrupted push goes on behind the last one")
      ->check(CLI::Range(s3::kPartBytesMin, s3::kPartBytesMax))
      ->capture_default_str();
}

}  // namespace harvest::ctl
