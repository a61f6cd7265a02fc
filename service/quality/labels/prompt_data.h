#pragma once

#include <string>

#include "absl/status/status.h"
#include "harvest/v1/query.pb.h"

/// Personal data that a prompt holds, before it leaves. Looked for in everything that is sent of it: texts of all
/// messages and later turns, parts, thoughts, names, tool calls, tools, what the line itself asks for beside (stop
/// words, formats, vendor's fields). Never told by its text. Pure.
namespace harvest::quality {

/// Which rules found something, and where: "email in messages[1].content, phone in tools". Empty: none did.
std::string tell_personal_data(const v1::Prompt& prompt);

/// Puts placeholders in its place, [EMAIL_1], the same for the same text, and notes in Prompt.masks what each stands
/// for; in the line's other fields too, which are published. INVALID_ARGUMENT where it stands in what is no plain text
/// (names, tool calls, tools, …); the prompt is then half
/// done and of no use.
absl::Status mask_personal_data(v1::Prompt& prompt);

/// The text with what its placeholders stand for.
std::string unmasked(std::string text, const v1::Prompt& prompt);

}  // namespace harvest::quality
