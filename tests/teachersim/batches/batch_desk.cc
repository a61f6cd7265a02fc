#include "tests/teachersim/batches/batch_desk.h"

namespace teachersim {

BatchDesk::BatchDesk(const BatchPlan& plan, const AnswerShape& shape, const Prices& prices,
                     const std::vector<std::unique_ptr<Dialect>>& dialects, const std::string& run, Ledger* ledger,
                     Stats& stats)
    : worker_(shape, prices, plan, run, ledger, stats), batches_(plan, worker_, run), files_(run) {
  const BatchRoom room{plan, shape, dialects, batches_, files_};
  clerks_.push_back(anthropic_batch_clerk(room));
  clerks_.push_back(gemini_batch_clerk(room));
  clerks_.push_back(mistral_batch_clerk(room));
  clerks_.push_back(azure_batch_clerk(room));
  clerks_.push_back(openai_batch_clerk(room));  // the last: its paths are the most general
  batches_.on_end([this](Batch& batch, const Moment& now) {
    for (const auto& clerk : clerks_) clerk->finish(batch, now);
  });
}

BatchClerk* BatchDesk::clerk_for(std::string_view method, std::string_view path) const {
  if (path.ends_with("completions")) return nullptr;
  for (const auto& clerk : clerks_) {
    if (clerk->serves(method, path)) return clerk.get();
  }
  return nullptr;
}

Reply BatchDesk::serve(BatchClerk& clerk, const Call& call, const Moment& now) {
  advance(now);
  return clerk.serve(call, now);
}

}  // namespace teachersim
