#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tests/teachersim/dialects/chat_request.h"
#include "tests/teachersim/dialects/fields.h"

namespace teachersim {

/// How one vendor's POST …/chat/completions deviates from OpenAI's: what it refuses, how it dresses an answer, how it
/// words troubles and limits. As it stands, this class is OpenAI itself. Stateless; lives as long as the program.
class ChatVendor {
 public:
  virtual ~ChatVendor() = default;
  virtual std::string_view name() const { return "openai"; }

  /// When a stream tells its usage.
  enum class StreamUsage { kIfAsked, kAlways, kInLastChunk };
  virtual StreamUsage stream_usage() const { return StreamUsage::kIfAsked; }
  /// The member of messages and deltas that holds the thinking; empty: thinking is billed and not shown.
  virtual std::string_view reasoning_field() const { return {}; }

  /// Throws Mistake where this vendor refuses what OpenAI takes; may mend a request that it reads differently.
  virtual void check(const Fields& /*body*/, ChatRequest& /*request*/) const {}
  /// With --strict-parameters: Throws Mistake about a field that is unknown here.
  virtual void check_names(const boost::json::object& body) const;
  /// Its own fields beside OpenAI's.
  virtual std::vector<std::string_view> own_fields() const { return {}; }

  /// Is OpenAI's answer its answer? Then nothing is dressed.
  virtual bool is_plain() const { return true; }
  /// Makes OpenAI's whole answer, or one chunk of its stream, this vendor's.
  virtual void dress(boost::json::object& /*body*/, const ChatRequest&, const Usage&, const Stamp&) const {}
  virtual void dress_chunk(boost::json::object& /*chunk*/, const ChatRequest&, const Usage&, const Stamp&) const {}
  /// What stands before an answer: keep-alives.
  virtual void open_stream(std::vector<std::string>& /*events*/, const Stamp&) const {}
  virtual std::string_view before_body() const { return {}; }

  virtual Reply reply(const Trouble& trouble) const;
  virtual std::string error_in_200(const Trouble& trouble) const;
  virtual std::string limit_headers(limits::Limits& limits, const Moment& now) const;
};

/// Null when no vendor has this name.
const ChatVendor* find_chat_vendor(std::string_view name);
std::vector<std::string> chat_vendor_names();

}  // namespace teachersim
