#include "storage/corpus/query_merge.h"

#include <algorithm>
#include <string>

namespace harvest::corpus {
namespace {

bool has_system(const v1::Prompt& prompt) {
  return std::any_of(prompt.messages().begin(), prompt.messages().end(), [](const v1::Message& message) {
    return message.role() == "system" || message.role() == "developer";
  });
}

}  // namespace

void apply_job(const v1::Job& job, v1::Prompt& prompt) {
  if (!job.system().empty() && !has_system(prompt)) {
    v1::Message* system = prompt.add_messages();
    system->set_role("system");
    system->set_content(job.system());
    for (int i = prompt.messages_size() - 1; i > 0; --i) prompt.mutable_messages()->SwapElements(i, i - 1);
  }
  if (prompt.source().empty()) {
    prompt.set_source(job.prompt_source());
    // The job's licence is that of the job's source: it says nothing of a source that the line names.
    if (prompt.source_licence().empty()) prompt.set_source_licence(job.prompt_source_licence());
  }
  if (prompt.customer().empty()) prompt.set_customer(job.customer());
}

v1::Sampling merge_sampling(const v1::Sampling& job, const v1::Sampling& line, uint32_t sample) {
  v1::Sampling merged = job;
  if (line.stop_size() > 0) merged.clear_stop();  // MergeFrom would append the line's to the job's
  merged.MergeFrom(line);
  // The sum wraps instead of overflowing: a seed is a label, and every label is as good.
  if (merged.has_seed()) merged.set_seed(static_cast<int64_t>(static_cast<uint64_t>(merged.seed()) + sample));
  return merged;
}

}  // namespace harvest::corpus
