#include "service/publish/shard_facts.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>

#include "service/rights/rights.h"
#include "storage/corpus/record.h"

namespace harvest::publish {
namespace {

using Texts = google::protobuf::RepeatedPtrField<std::string>;

void set_to(const std::set<std::string>& from, Texts* texts) {
  texts->Clear();
  for (const std::string& text : from) *texts->Add() = text;
}

void add_to(Texts* texts, const Texts& more) {
  if (std::equal(texts->begin(), texts->end(), more.begin(), more.end())) return;  // as nearly always
  std::set<std::string> both(texts->begin(), texts->end());
  both.insert(more.begin(), more.end());
  set_to(both, texts);
}

void narrow_to(Texts* texts, const Texts& others) {
  if (std::equal(texts->begin(), texts->end(), others.begin(), others.end())) return;
  const std::set<std::string> a(texts->begin(), texts->end()), b(others.begin(), others.end());
  std::set<std::string> common;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(common, common.end()));
  set_to(common, texts);
}

}  // namespace

v1::Shard facts_of(const v1::Pair& pair, const v1::Rights& rights) {
  v1::Shard facts;
  facts.add_teachers(pair.teacher());
  facts.add_licences(corpus::licence_of(pair, rights));
  facts.add_prompt_sources(pair.source());
  std::set<std::string> purposes;
  for (int purpose : rights.permits()) purposes.emplace(rights::purpose_name(static_cast<v1::Purpose>(purpose)));
  set_to(purposes, facts.mutable_purposes());
  set_to({rights.obligations().begin(), rights.obligations().end()}, facts.mutable_obligations());
  facts.set_self_attested(rights.self_attested());
  return facts;
}

void widen(v1::Shard& facts, const v1::Shard& by) {
  add_to(facts.mutable_teachers(), by.teachers());
  add_to(facts.mutable_licences(), by.licences());
  add_to(facts.mutable_prompt_sources(), by.prompt_sources());
  add_to(facts.mutable_obligations(), by.obligations());
  narrow_to(facts.mutable_purposes(), by.purposes());
  facts.set_self_attested(facts.self_attested() || by.self_attested());
}

}  // namespace harvest::publish
