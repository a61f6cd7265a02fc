#include "tests/flow/harvest_rig.h"

#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <thread>

#include "service/config/defaults.h"
#include "service/config/secret.h"
#include "service/flow/found_limits.h"

namespace harvest::flow::test {

namespace {
constexpr auto kPatience = std::chrono::seconds(20);
constexpr auto kLook = std::chrono::milliseconds(5);
}  // namespace

HarvestRig::HarvestRig(FakeTransport::Script script, std::vector<v1::Teacher> teachers) : script_(std::move(script)) {
  std::string name = (std::filesystem::temp_directory_path() / "harvest-flow-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  directory_ = name;
  auto store = store::Store::open({.path = name + "/store"}, clock_.utc_us());
  REQUIRE(store.ok());
  store_ = *std::move(store);
  start(std::move(teachers));
}

HarvestRig::~HarvestRig() {
  stop();
  store_->close().IgnoreError();
  std::filesystem::remove_all(directory_);
}

void HarvestRig::restart(std::vector<v1::Teacher> teachers) {
  stop();
  start(std::move(teachers));
}

void HarvestRig::restart_after_crash(std::vector<v1::Teacher> teachers) {
  stop();
  store_.reset();
  auto store = store::Store::open({.path = directory_ / "store"}, clock_.utc_us());
  REQUIRE(store.ok());
  store_ = *std::move(store);
  REQUIRE(store_->begin_serving().ok());
  start(std::move(teachers));
}

void HarvestRig::start(std::vector<v1::Teacher> teachers) {
  v1::Config config = config_;
  for (v1::Teacher& teacher : teachers) *config.add_teachers() = std::move(teacher);
  config::fill_defaults(&config);
  lane_ = std::make_unique<runtime::Lane>("decisions");
  transport_ = std::make_unique<FakeTransport>(lane_->context(), script_);
  harvester_ = std::make_unique<Harvester>(
      Harvester::Parts{lane_->context(), *store_, *transport_, clock_, metrics_, board_}, config.harvest(),
      [this](const std::string&, const v1::Use&) { return may_reuse.load(); });
  intake_ = std::make_unique<Intake>(*store_, teachers_, clock_);
  control_ = std::make_unique<Control>(
      Control::Parts{*store_, *harvester_, lane_->context(), *intake_, teachers_, board_, clock_});
  REQUIRE(harvester_->tenants().open(config, *store_, clock_.utc_us()).ok());
  std::map<std::string, std::shared_ptr<limit::Limiter>> accounts;
  for (const v1::Teacher& teacher : config.teachers()) {
    REQUIRE(store_->apply_and_wait(store::PutTeacher{teacher}).ok());
    auto key = config::resolve_secret(teacher.api_key());
    REQUIRE(key.ok());
    std::shared_ptr<limit::Limiter> own;
    std::shared_ptr<limit::Limiter>& account = teacher.account().empty() ? own : accounts[teacher.account()];
    if (account == nullptr) account = std::make_shared<limit::Limiter>(teacher.limits());
    auto desk = TeacherDesk::open(teacher, *key, 1.0, *transport_, metrics_, account);
    REQUIRE(desk.ok());
    for (const store::TeacherState& stored : store_->teachers())
      if (stored.teacher.name() == teacher.name()) {
        flow::restore((*desk)->limiter, stored.found_limits, clock_.now(), clock_.utc_us());
        (*desk)->restore(stored);
      }
    teachers_.put((*desk)->config());
    harvester_->add_teacher(*std::move(desk));
  }
  on_lane([this] {
    harvester_->set_alerts(store_->alerts());
    for (const v1::JobRecord& record : store_->jobs()) {
      if (record.state() == v1::RUNNING) harvester_->open_job(record);
      if (record.state() == v1::PAUSED) harvester_->leave_paused(record);
    }
    harvester_->start();
  });
}

void HarvestRig::stop() {
  std::promise<void> drained;
  boost::asio::post(lane_->context(), [&] {
    transport_->hold = false;
    transport_->release();
    harvester_->drain([&] { drained.set_value(); });
  });
  drained.get_future().wait();
  // Notes may be on their way to the disk, which tell the harvester when they are there: once this one is, none is.
  store_->apply_and_wait(store::SetHalt{store_->halted(), store_->halt_reason()}).IgnoreError();
  lane_->stop();
  control_.reset();
  intake_.reset();
  harvester_.reset();
  transport_.reset();
  lane_.reset();
}

v1::Teacher HarvestRig::teacher(const std::string& name, const std::string& model) {
  v1::Teacher teacher;
  teacher.set_name(name);
  teacher.set_dialect("openai-chat");
  teacher.set_model(model);
  teacher.add_endpoints("http://" + name + ".test/v1");
  teacher.mutable_prices()->set_free(true);
  teacher.mutable_rights()->set_licence("Apache-2.0");
  teacher.mutable_rights()->add_permits(v1::TRAINING);
  return teacher;
}

v1::Job HarvestRig::job(std::vector<std::string> teachers) {
  v1::Job job;
  job.set_dataset("d");
  for (const std::string& name : teachers) job.add_teachers(name);
  job.mutable_use()->set_purpose(v1::TRAINING);
  job.mutable_sampling()->set_max_output_tokens(100);
  return job;
}

absl::StatusOr<std::string> HarvestRig::try_submit(const v1::Job& job, const std::vector<std::string>& prompts) {
  std::vector<v1::Prompt> lines(prompts.size());
  for (size_t i = 0; i < prompts.size(); ++i) {
    lines[i].set_line(i + 1);
    v1::Message* message = lines[i].add_messages();
    message->set_role("user");
    message->set_content(prompts[i]);
  }
  return try_submit_lines(job, lines);
}

absl::StatusOr<std::string> HarvestRig::try_submit_lines(const v1::Job& job, const std::vector<v1::Prompt>& lines) {
  v1::OpenDraftRequest open;
  open.set_submission_id("s" + std::to_string(++submissions_));
  *open.mutable_job() = job;
  auto draft = intake_->open_draft(open, {.principal = "tester"});
  if (!draft.ok()) return draft.status();
  v1::AddPromptsRequest add;
  add.set_job_id(draft->job_id());
  add.mutable_prompts()->Add(lines.begin(), lines.end());
  auto added = intake_->add_prompts(add);
  if (!added.ok()) return added.status();
  if (!added->bad_prompts().empty()) return absl::InvalidArgumentError(added->bad_prompts(0).message());
  v1::CommitDraftRequest commit;
  commit.set_job_id(draft->job_id());
  commit.set_prompts(lines.size());
  if (auto status = control_->commit(commit); !status.ok()) return status.status();
  return draft->job_id();
}

std::string HarvestRig::submit(const v1::Job& job, const std::vector<std::string>& prompts) {
  auto id = try_submit(job, prompts);
  INFO(id.status());
  REQUIRE(id.ok());
  return *id;
}

v1::JobStatus HarvestRig::await(const std::string& id, v1::JobState state) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    auto status = control_->job(id);
    REQUIRE(status.ok());
    if (status->record().state() == state && status->in_flight() == 0) return *status;
    INFO(status->ShortDebugString());
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::sleep_for(kLook);
  }
}

void HarvestRig::await_answered(const std::string& id, uint64_t answered) {
  await_on_lane([&] { return control_->job(id)->record().counters().answered() == answered; });
}

std::vector<v1::Pair> HarvestRig::pairs(const std::string& dataset) {
  std::vector<v1::Pair> all;
  for (auto& sequenced : store_->pairs(dataset, 0, 100'000)) all.push_back(std::move(sequenced.pair));
  return all;
}

std::vector<v1::Ending> HarvestRig::endings(const std::string& id) {
  auto record = store_->find_job(id);
  REQUIRE(record.ok());
  return store_->endings(record->number(), 0, 100'000);
}

void HarvestRig::on_lane(const std::function<void()>& work) {
  std::promise<void> done;
  boost::asio::post(lane_->context(), [&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

void HarvestRig::await_on_lane(const std::function<bool()>& work) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (bool done = false; !done;) {
    on_lane([&] { done = work(); });
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::sleep_for(kLook);
  }
}

v1::Teacher priced(v1::Teacher teacher) {
  teacher.mutable_prices()->set_free(false);
  teacher.mutable_prices()->set_input_usd_per_mtok("1");
  teacher.mutable_prices()->set_output_usd_per_mtok("1");
  return teacher;
}

std::vector<std::string> numbered(int count, const std::string& what) {
  std::vector<std::string> prompts;
  for (int i = 0; i < count; ++i) prompts.push_back(what + " " + std::to_string(i));
  return prompts;
}

bool asks(const dialect::HttpRequest& request, const std::string& text) {
  return request.body.find(text) != std::string::npos;
}

}  // namespace harvest::flow::test
