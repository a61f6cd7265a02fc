#include "client/cpp/prompts_digest.h"

#include "client/cpp/asked_bytes.h"

namespace harvest::client {

void PromptsDigest::add(const v1::Prompt& prompt) {
  asked_.clear();
  append_asked(prompt, asked_);
  hash_.add(asked_);
}

std::string PromptsDigest::finish() {
  return corpus::hex(hash_.finish());
}

}  // namespace harvest::client
