#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <string>
#include <string_view>

#include "harvest/v1/query.pb.h"
#include "storage/corpus/digest.h"

/// What the log may say of a pair without saying what is in it: SHA-256(salt ‖ canonical record).
///
/// The canonical record is {"messages":[…,answer],"record_id":…,"teacher_id":…} as canonical JSON. Every message has
/// `content` and `role`; `name`, `reasoning_content`, `tool_call_id` and `tool_calls` stand only where they are not
/// empty, and `content` holds the parts' JSON where a message was given as parts. So it can be rebuilt from a shard's
/// line alone, and whoever is shown the salt can check the line against the log. With the salt destroyed the commitment
/// says nothing, not even for a prompt that can be guessed.
///
/// Made once per pair when its answer is settled: about as dear as hashing the text.
namespace harvest::corpus {

using Messages = google::protobuf::RepeatedPtrField<v1::Message>;

/// The content column of a message: its text, or its parts' JSON.
std::string_view content_text(const v1::Message& message);

/// One message as it stands in the canonical record.
void append_canonical_message(std::string& out, const v1::Message& message);

/// `prompt` are the messages as asked, the job's system message included (query_merge.h).
void append_canonical_record(std::string& out, const Messages& prompt, const v1::Message& answer,
                             std::string_view record_id, std::string_view teacher_id);

/// `salt`: 32 random bytes of this pair alone.
Digest commit(std::string_view salt, const Messages& prompt, const v1::Message& answer, std::string_view record_id,
              std::string_view teacher_id);

}  // namespace harvest::corpus
