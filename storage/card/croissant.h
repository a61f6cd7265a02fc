#pragma once

#include <string>
#include <string_view>

#include "harvest/v1/dataset.pb.h"

namespace harvest::card {

/// The version as a Croissant 1.1 document (docs.mlcommons.org/croissant), canonical JSON: a file with its SHA-256 for
/// each shard, a set of records with the columns of one value each (of a profile's rows: their ids), PROV for the
/// teachers and jobs, RAI for how it was made, an ODRL offer for what all of its rows may be used for.
///
/// `url`: where the dataset is to be had. Shards are named by their paths from the document's place, beside the
/// manifest, as `datasets pull` lays them.
std::string croissant_json(const v1::Manifest& manifest, std::string_view url);

}  // namespace harvest::card
