#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "proto/text/mistake.h"

namespace google::protobuf {
class Message;
}

namespace harvest::text {

/// What came of reading a YAML text.
struct YamlReading {
  std::vector<Mistake> mistakes;        ///< empty: the message holds the text
  std::map<std::string, Place> places;  ///< where each field stands, by its path: "teachers[0].limits"
  bool broken = false;                  ///< no YAML at all: nothing was read

  /// Where `field` stands, or the nearest thing around it that does: for checks of meaning that come after the reading.
  Place place_of(std::string field) const;
};

/// Reads a YAML text into any protobuf message by reflection: the message is the schema. Field names are exactly the
/// proto's; a mapping is a message, a sequence a repeated field (a single value for a list is a mistake that says so).
///
/// - unknown fields, mistyped values and duplicate keys are mistakes with line and column, all gathered; an unknown
///   field names the one probably meant
/// - null (`field:` and nothing after it) leaves the field unset
/// - a scalar where a mapping is expected may name one of its switches: `prices: free` is `prices: { free: true }`
/// - a harvest.v1.Secret takes a mapping alone: whatever else stands there is a mistake that does not print it
///
/// The message is overwritten; with mistakes its content is of no use. Pure; any thread.
YamlReading read_yaml(std::string_view text, google::protobuf::Message* message);

}  // namespace harvest::text
