#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/teachersim/dialects/dialect.h"
#include "tests/teachersim/dialects/sigv4.h"

namespace teachersim {

/// Whose manners are imitated where vendors share a path, and how strictly.
struct Manners {
  std::string vendor = "openai";  // a name that find_chat_vendor() knows
  bool strict_parameters = false;
  std::vector<AwsKey> aws_keys;  // empty: signatures are not asked for
};

/// Every dialect that the stand-in speaks; the first also words the troubles of paths that nobody owns. With `canned`,
/// prebuilt answers take the place of chat completions.
std::vector<std::unique_ptr<Dialect>> all_dialects(const AnswerShape& shape, bool canned, const Manners& manners = {});

}  // namespace teachersim
