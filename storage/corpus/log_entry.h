#pragma once

#include <string>
#include <string_view>

#include "harvest/v1/dataset.pb.h"
#include "harvest/v1/teacher.pb.h"
#include "storage/corpus/digest.h"

/// What the transparency log says, an entry each: canonical JSON of one object, `op` its kind. README.md lists them.
///
/// An entry stands for good, and strangers may read it: so it holds no content, no hash that content could be guessed
/// by, and no person. Of a pair it holds the salted commitment (commitment.h), which says nothing once the salt is
/// destroyed. A shard's hash is no such guess either: every line in it bears commitments.
namespace harvest::corpus {

/// Texts of an entry that are longer stand as `sha256:` and their hash: an entry has 65,535 bytes at most
/// (storage/proof/tile.h), and what is stated of a licence may be as long as a line.
inline constexpr size_t kLoggedTextBytesMax = 1024;

/// Of every pair, thousands a second: written in one go. `commit` are its 32 bytes.
std::string record_entry(std::string_view commit, std::string_view licence, std::string_view record_id,
                         std::string_view teacher);
/// Rights of a teacher took effect. Who reviewed them, and what they say in their own words, stands in the store.
std::string policy_entry(std::string_view teacher, const v1::Rights& rights);
std::string shard_entry(std::string_view dataset, std::string_view view, const v1::Shard& shard);
/// `manifest`: the file's bytes.
std::string manifest_entry(std::string_view dataset, std::string_view view, uint64_t version,
                           std::string_view manifest);

/// What somebody entitled to it asked the service to do.
struct Command {
  std::string name;    ///< "Jobs/PauseJob": the call
  std::string target;  ///< a job's id, a teacher's, a dataset's name; empty: the service
  std::string who;     ///< the principal
  std::string what;    ///< the call's own words, as JSON; may be empty
  std::string why;     ///< as told; may be empty
  int64_t at_us = 0;   ///< UTC, since 1970
};
/// Who, what and why are persons and their words: they stand in this, which rests in the store and can be destroyed
/// with its salt; the log has the commitment to it, SHA-256(salt ‖ this).
std::string command_record(const Command& command);
std::string command_entry(const Command& command, std::string_view salt);

}  // namespace harvest::corpus
