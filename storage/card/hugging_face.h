#pragma once

#include <string>

#include "harvest/v1/dataset.pb.h"

namespace harvest::card {

/// The version as a dataset card: a README.md whose YAML head the Hugging Face hub and its `datasets` library read
/// (which files are the training split, under which licence), and a page for people. Stands beside the manifest, above
/// `shards`.
std::string hugging_face_card(const v1::Manifest& manifest);

}  // namespace harvest::card
