#include "tests/teachersim/answers/prose.h"

#include <array>
#include <string_view>

namespace teachersim {
namespace {

using Words = std::array<std::string_view, 16>;

constexpr Words kOpenings = {"In practice, ",     "As a rule, ",        "To begin with, ", "More precisely, ",
                             "For example, ",     "Over time, ",        "In most cases, ", "By contrast, ",
                             "For that reason, ", "At the same time, ", "Put simply, ",    "On closer view, ",
                             "Historically, ",    "In the end, ",       "As before, ",     "Step by step, "};
constexpr Words kAdjectives = {"careful", "simple",   "gradual", "common",  "early",    "stable",
                               "precise", "local",    "central", "typical", "ordinary", "balanced",
                               "visible", "moderate", "steady",  "shared"};
constexpr Words kNouns = {"method",  "process",  "example", "measure",  "structure", "question", "observer", "material",
                          "pattern", "argument", "surface", "solution", "teacher",   "system",   "record",   "market"};
constexpr Words kVerbs = {"explains", "changes",  "supports", "limits",    "follows",    "describes",
                          "improves", "reveals",  "requires", "separates", "simplifies", "balances",
                          "connects", "precedes", "protects", "resembles"};
constexpr Words kEndings = {
    "in most settings",       "over a long period",    "without further effort", "when conditions allow",
    "as the data suggest",    "for two clear reasons", "under normal pressure",  "within a few steps",
    "at a lower cost",        "before the next stage", "in the same order",      "with little exception",
    "across the whole range", "for a small group",     "after a short delay",    "at every scale"};

std::string_view pick(Draw& draw, const Words& words) {
  return words[draw.below(words.size())];
}

void append_sentence(Draw& draw, std::string& text) {
  const bool opened = draw.below(3) == 0;
  if (opened) text += pick(draw, kOpenings);
  text += opened ? "the " : "The ";
  text.append(pick(draw, kAdjectives)).append(" ").append(pick(draw, kNouns)).append(" ").append(pick(draw, kVerbs));
  text.append(" the ").append(pick(draw, kNouns)).append(" of the ").append(pick(draw, kAdjectives)).append(" ");
  text.append(pick(draw, kNouns)).append(" ").append(pick(draw, kEndings)).append(".");
}

}  // namespace

std::string prose(Draw& draw, std::size_t bytes) {
  std::string text;
  text.reserve(bytes + 160);
  for (int sentence = 1; text.size() < bytes; ++sentence) {
    append_sentence(draw, text);
    text += sentence % 6 == 0 ? "\n\n" : " ";
  }
  text.resize(bytes);
  if (!text.empty()) text.back() = '.';
  return text;
}

std::string phrase(Draw& draw) {
  return std::string(pick(draw, kAdjectives)).append(" ").append(pick(draw, kNouns));
}

}  // namespace teachersim
