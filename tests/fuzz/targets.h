#pragma once

#include <string_view>

/// What the fuzzers feed, and what must hold whatever bytes come: no crash, no undefined behaviour (the sanitizers see
/// to that), and the promises that are checked with abort() inside. One function a target; replay_test.cc runs the
/// corpora through them as an ordinary test.
namespace harvest::fuzz {

/// "DIALECT STATUS\n" and a response body: decoded as it arrives, as its cut-off half, and as stored.
void decode(std::string_view input);
/// A stream's bytes, through every splitter: what they hand out lies within the body, and they come to an end.
void split(std::string_view input);
/// Lines "name: value": limits, waits, resets.
void headers(std::string_view input);

/// An event stream: the bytes as they are; and "HEADER LENGTH (one byte), headers, payload" put between right lengths
/// and checksums, which no fuzzer guesses.
void frames(std::string_view input);
/// "DIALECT\n" and what its batch interface answers: read as a standing, as a page of a list, and as results, each of
/// which decodes.
void batches(std::string_view input);

/// A signed note, and a key of one: what is read is written again to the byte.
void note(std::string_view input);
/// A checkpoint's text, likewise; and a signed one, which nobody known has signed.
void checkpoint(std::string_view input);
/// A proof file, likewise.
void inclusion(std::string_view input);
/// An envelope, or a statement alone: what is read, written and read again is the same.
void envelope(std::string_view input);
/// A tile's path, to the byte; "WIDTH (one byte)" and a bundle of so many entries, likewise.
void tile(std::string_view input);

}  // namespace harvest::fuzz
