#include "client/cpp/job_flags.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cpp/byte_source.h"
#include "client/cpp/dataset_lines.h"
#include "proto/text/age.h"
#include "proto/text/money.h"
#include "proto/text/time.h"
#include "proto/text/yaml_reader.h"

namespace harvest::client {
namespace {

constexpr size_t kJobFileBytesMax = 1 << 20;

/// The enum value of a flag that CLI11 has already checked against the same names.
template <typename Enum>
Enum value_of(const std::string& written, bool (*parse)(const std::string&, Enum*)) {
  Enum value{};
  parse(absl::AsciiStrToUpper(written), &value);
  return value;
}

/// Several datasets may stand in one word.
void add_prompts(const std::string& written, v1::Job* job) {
  std::string_view rest = written;
  for (size_t comma; rest.starts_with("dataset:") && (comma = rest.find(",dataset:")) != rest.npos;
       rest.remove_prefix(comma + 1)) {
    job->add_prompts()->assign(rest.substr(0, comma));
  }
  job->add_prompts()->assign(rest);
}

absl::Status add_where(const std::string& where, v1::Job* job) {
  bool used = false;
  for (std::string& prompts : *job->mutable_prompts()) {
    const auto from = DatasetPrompts::parse(prompts);
    if (!from) continue;
    used = true;
    if (!from->where.empty())
      return absl::InvalidArgumentError(absl::StrCat("--where: found beside ", prompts, ", expected one of the two"));
    absl::StrAppend(&prompts, " where ", where);
  }
  if (used) return absl::OkStatus();
  return absl::InvalidArgumentError("--where: found without dataset:NAME, expected it with pairs that it chooses from");
}

/// As the service takes it: a dataset's name is a directory's, and part of addresses.
bool is_dataset_name(const std::string& name) {
  return !name.empty() && name.size() <= 100 && (absl::ascii_islower(name[0]) || absl::ascii_isdigit(name[0])) &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '.' || c == '_' || c == '-';
         });
}

/// What the schema cannot say about a job.
std::vector<std::string> mistakes_of(const v1::Job& job) {
  std::vector<std::string> mistakes;
  if (job.teachers().empty()) {
    mistakes.push_back("teachers: found none, expected --teacher NAME[,NAME]");
  }
  if (job.use().purpose() == v1::PURPOSE_UNSPECIFIED) {
    mistakes.push_back(
        "use.purpose: found none, expected --purpose training or evaluation: what the answers are for is "
        "stated, never defaulted");
  }
  if (job.prompts().empty()) {
    mistakes.push_back("prompts: found none, expected at least one file, or - for standard input");
  }
  if (!job.dataset().empty() && !is_dataset_name(job.dataset())) {
    mistakes.push_back(
        absl::StrCat("dataset: found ", text::shown(job.dataset()),
                     ", expected 1 to 100 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit"));
  }
  if (const auto cap = text::parse_usd(job.max_cost_usd()); !job.max_cost_usd().empty() && !cap.ok()) {
    mistakes.push_back(absl::StrCat("max_cost_usd: ", cap.status().message()));
  }
  if (const auto deadline = text::parse_utc(job.deadline()); !job.deadline().empty() && !deadline.ok()) {
    mistakes.push_back(absl::StrCat("deadline: ", deadline.status().message()));
  }
  if (const auto max_age = text::parse_age(job.max_age()); !job.max_age().empty() && !max_age.ok()) {
    mistakes.push_back(absl::StrCat("max_age: ", max_age.status().message()));
  }
  if (!job.until().empty() && job.samples() < 2) {
    mistakes.push_back(absl::StrCat("samples: found ", std::max(1u, job.samples()),
                                    " beside until, expected --samples with at least 2: how many are asked at most"));
  }
  return mistakes;
}

}  // namespace

void JobFlags::add_to(CLI::App& command) {
  command.add_option("--job", job_file_, "YAML file of the job (the Job message); flags go on top of it");
  command.add_option("--teacher", teachers_, "teachers to ask, by name")
      ->delimiter(',')
      ->allow_extra_args(false)  // what follows is a prompt file
      ->type_name("NAME[,NAME]");
  command.add_option("--purpose", purpose_, "what the answers are for; never defaulted")
      ->check(CLI::IsMember({"training", "evaluation"}));
  command.add_option("--dataset", dataset_, "dataset that the pairs go to (default: default)");
  command.add_option("--template", template_, "'text with {{field}}' for lines that are plain JSON objects");
  command.add_option("--system", system_, "system message for prompts that have none");
  command.add_option("--samples", samples_, "answers per prompt and teacher")->check(CLI::Range(1u, 1024u));
  command
      .add_option("--until", until_,
                  "ask one sample after the other until one passes this filter, at most --samples of them, like "
                  "\"labels has 'tests=pass' and not labels has 'truncated'\"; verdicts of one's own come in by "
                  "`harvestctl labels import` (default: ask all of them)")
      ->type_name("EXPR");
  command.add_option("--max-output", max_output_, "cap on output tokens of an answer")
      ->check(CLI::Range(1u, 4294967295u));
  command.add_option("--temperature", temperature_, "sampling temperature")->check(CLI::Range(0.0, 100.0));
  command.add_option("--ask", ask_, "every prompt to each teacher, to one of them, or to the next where one fails")
      ->check(CLI::IsMember({"each", "spread", "fallback"}));
  command
      .add_option(
          "--route", route_,
          "how teachers are reached: their batch interface costs about half and takes hours; auto: by batch while "
          "the deadline leaves time (default: online)")
      ->check(CLI::IsMember({"online", "batch", "auto"}));
  command.add_option("--max-cost", max_cost_, "hard cap on what the job spends")->type_name("USD");
  command.add_option("--deadline", deadline_, "when it is to be done, like 2026-11-20T09:30:00Z")->type_name("TIME");
  command.add_flag("--fresh", fresh_, "ask again what is already answered");
  command
      .add_option("--max-age", max_age_, "answers older than this are asked anew, like 12h or 7d (default: none are)")
      ->type_name("AGE");
  command.add_option("--priority", priority_, "against other jobs")->check(CLI::IsMember({"low", "normal", "high"}));
  share_.add_to(command);
  guard_.add_to(command);
  command.add_option("--student", student_, "model that is trained with the answers");
  command.add_flag("--distributed", distributed_, "the student will be distributed");
  command.add_flag("--competes", competes_, "the student competes with the teacher's vendor");
  command.add_option("--prompt-source", prompt_source_, "where the prompts come from, for lines that do not say");
  command.add_option("--prompt-source-licence", prompt_source_licence_, "licence of that source");
  command.add_option("--customer", customer_, "whose prompts these are, for lines that do not say");
  command.add_option("--on-bad-line", on_bad_line_, "what a malformed line does (default: fatal)")
      ->check(CLI::IsMember({"fatal", "skip"}));
  command
      .add_option("--personal-data", personal_data_,
                  "what is done with personal data and secrets in prompts before they leave: nothing, a label, "
                  "placeholders in their place, or the line is a bad one (default: the configuration's, else flag)")
      ->check(CLI::IsMember({"ignore", "flag", "mask", "block"}));
  command.add_option("--name", name_, "a label for people");
  command.add_option("--where", where_, "which pairs of dataset:NAME are asked about, like 'not refused'")
      ->type_name("EXPR");
  command.add_option("PROMPTS", prompts_,
                     "prompt files (JSON lines, .txt, .csv, .parquet; .gz and .zst too), - for standard input, or "
                     "dataset:NAME[,dataset:NAME] for pairs already held");
}

absl::Status JobFlags::read_file(v1::Job* job) const {
  auto bytes = ByteSource::open(job_file_);
  if (!bytes.ok()) {
    return bytes.status();
  }
  std::string yaml(kJobFileBytesMax + 1, '\0');
  size_t size = 0;
  while (size < yaml.size()) {
    const auto got = (*bytes)->read(yaml.data() + size, yaml.size() - size);
    if (!got.ok()) {
      return got.status();
    }
    if (*got == 0) {
      break;
    }
    size += *got;
  }
  if (size > kJobFileBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(job_file_, ": found more than 1 MiB, expected a job"));
  }
  yaml.resize(size);
  text::YamlReading reading = text::read_yaml(yaml, job);
  return reading.mistakes.empty() ? absl::OkStatus() : text::to_status(std::move(reading.mistakes), job_file_);
}

absl::Status JobFlags::put_on_top(v1::Job* job) const {
  const auto text_flag = [](const std::string& flag, std::string* field) {
    if (!flag.empty()) {
      *field = flag;
    }
  };
  if (!teachers_.empty()) {
    job->mutable_teachers()->Assign(teachers_.begin(), teachers_.end());
  }
  if (!prompts_.empty()) {
    job->clear_prompts();
    for (const std::string& written : prompts_) add_prompts(written, job);
  }
  if (!where_.empty()) {
    if (absl::Status status = add_where(where_, job); !status.ok()) {
      return status;
    }
  }
  if (!purpose_.empty()) {
    job->mutable_use()->set_purpose(value_of<v1::Purpose>(purpose_, v1::Purpose_Parse));
  }
  text_flag(dataset_, job->mutable_dataset());
  text_flag(template_, job->mutable_template_());
  text_flag(system_, job->mutable_system());
  text_flag(until_, job->mutable_until());
  text_flag(max_cost_, job->mutable_max_cost_usd());
  text_flag(deadline_, job->mutable_deadline());
  text_flag(max_age_, job->mutable_max_age());
  text_flag(prompt_source_, job->mutable_prompt_source());
  text_flag(prompt_source_licence_, job->mutable_prompt_source_licence());
  text_flag(customer_, job->mutable_customer());
  text_flag(name_, job->mutable_name());
  if (!student_.empty()) {
    job->mutable_use()->set_student(student_);
  }
  if (distributed_) {
    job->mutable_use()->set_distributed(true);
  }
  if (competes_) {
    job->mutable_use()->set_competes(true);
  }
  if (samples_) {
    job->set_samples(*samples_);
  }
  if (max_output_) {
    job->mutable_sampling()->set_max_output_tokens(*max_output_);
  }
  if (temperature_) {
    job->mutable_sampling()->set_temperature(*temperature_);
  }
  if (!ask_.empty()) {
    job->set_ask(value_of<v1::Ask>(ask_, v1::Ask_Parse));
  }
  if (!route_.empty()) {
    job->set_route(value_of<v1::Route>(route_, v1::Route_Parse));
  }
  if (!priority_.empty()) {
    job->set_priority(value_of<v1::Priority>(priority_, v1::Priority_Parse));
  }
  if (!on_bad_line_.empty()) {
    job->set_on_bad_line(value_of<v1::OnBadLine>(on_bad_line_, v1::OnBadLine_Parse));
  }
  if (!personal_data_.empty()) {
    job->set_personal_data(value_of<v1::PersonalData>(personal_data_, v1::PersonalData_Parse));
  }
  if (fresh_) {
    job->set_fresh(true);
  }
  if (const absl::Status status = guard_.put_on(job); !status.ok()) {
    return status;
  }
  return share_.put_on(job);
}

absl::StatusOr<v1::Job> JobFlags::job() const {
  v1::Job job;
  if (!job_file_.empty()) {
    if (const absl::Status status = read_file(&job); !status.ok()) {
      return status;
    }
  }
  if (const absl::Status status = put_on_top(&job); !status.ok()) {
    return status;
  }
  if (const std::vector<std::string> mistakes = mistakes_of(job); !mistakes.empty()) {
    return absl::InvalidArgumentError(absl::StrJoin(mistakes, "\n"));
  }
  if (job.dataset().empty()) {
    job.set_dataset("default");
  }
  return job;
}

}  // namespace harvest::client
