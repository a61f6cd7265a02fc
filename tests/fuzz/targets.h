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

}  // namespace harvest::fuzz
