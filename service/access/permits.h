#pragma once

#include <google/protobuf/descriptor.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/access/roles.h"

namespace harvest::access {

/// The one table of who may do what. Default deny: what has no row may nobody.

/// Kinds of pages of the HTTP face. /livez, /healthz and /readyz are open, and the status page, which shows nothing
/// that they do not.
enum class Page { kMetrics, kDatasets, kManifest, kShard, kReceipts, kLog, kLogEntries };

/// Of a gRPC method by its full name, /harvest.v1.Jobs/PauseJob; nothing: no row.
std::optional<Roles> may_call(std::string_view method);
Roles may_read(Page page);

/// Methods of the file's services that have no row, by full name. A daemon with such a method does not start.
std::vector<std::string> methods_without_row(const google::protobuf::FileDescriptor& file);

}  // namespace harvest::access
