#include "client/cpp/prompts_digest.h"

#include "client/cpp/asked_bytes.h"

namespace harvest::client {

void PromptsDigest::add(const v1::Prompt& prompt) {
  asked_.clear();
  append_asked(prompt, asked_);
  // The size keeps prompts apart.
  const uint64_t size = asked_.size();
  for (int shift = 0; shift < 64; shift += 8) {
    asked_.push_back(static_cast<char>(size >> shift));
  }
  hash_.add(asked_);
}

std::string PromptsDigest::finish() {
  return corpus::hex(hash_.finish());
}

}  // namespace harvest::client
