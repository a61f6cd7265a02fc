#include "service/flow/batch_members.h"

#include <cassert>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "proto/text/ulid.h"

namespace harvest::flow {

std::string member_name(const v1::Intent& intent) {
  const auto id = text::ulid_of_bytes(intent.id());
  assert(id.ok());  // Invariant: we made it
  return text::to_text(*id);
}

absl::StatusOr<std::vector<dialect::BatchMember>> encode_members(StreamReader& reader,
                                                                 const std::shared_ptr<const JobSpec>& spec,
                                                                 const JobSpec::AskedTeacher& asked,
                                                                 const std::vector<v1::Intent>& members) {
  std::vector<dialect::BatchMember> encoded;
  encoded.reserve(members.size());
  for (const v1::Intent& intent : members) {
    auto ready = reader.revive(spec, intent);
    if (!ready.ok()) return ready.status();
    Ready& query = **ready;
    query.sampling.set_max_output_tokens(static_cast<uint32_t>(query.candidates.front().output_tokens_max));
    const dialect::QueryView view{.prompt = query.prompt, .sampling = query.sampling, .choices = query.queries()};
    encoded.push_back({member_name(intent), asked.dialect->encode(asked.config, view)});
  }
  return encoded;
}

absl::StatusOr<std::vector<MemberEnd>> read_ends(const dialect::BatchInterface& vendor, const dialect::Dialect& dialect,
                                                 std::string_view body, std::vector<v1::Intent>& members,
                                                 int64_t utc_us) {
  auto results = vendor.read_results(body);
  if (!results.ok()) return results.status();
  absl::flat_hash_map<std::string, size_t> places;
  for (size_t i = 0; i < members.size(); ++i) places.emplace(member_name(members[i]), i);
  std::vector<MemberEnd> ends;
  std::vector<bool> ended(members.size());
  for (dialect::BatchResult& result : *results) {
    const auto place = places.find(result.custom_id);
    // Not ours, or told twice: the first word counts.
    if (place == places.end() || ended[place->second]) continue;
    ended[place->second] = true;
    MemberEnd& end = ends.emplace_back();
    end.intent = std::move(members[place->second]);
    end.asked = result.fate == dialect::BatchResult::Fate::kDone;
    end.exchange = std::move(result.exchange);
    if (end.asked) end.outcome = dialect.decode(end.exchange, utc_us);
  }
  std::vector<v1::Intent> left;
  for (size_t i = 0; i < members.size(); ++i)
    if (!ended[i]) left.push_back(std::move(members[i]));
  members = std::move(left);
  return ends;
}

}  // namespace harvest::flow
