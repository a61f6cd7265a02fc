#include "client/s3/part_plan.h"

#include <algorithm>

namespace harvest::s3 {

PartPlan::PartPlan(uint64_t file_bytes, uint64_t part_bytes)
    : file_bytes_(file_bytes),
      part_bytes_(std::max({part_bytes, (file_bytes + kPartsMax - 1) / kPartsMax, uint64_t{1}})),
      count_(static_cast<uint32_t>(std::max<uint64_t>(1, (file_bytes + part_bytes_ - 1) / part_bytes_))) {}

uint64_t PartPlan::bytes(uint32_t number) const {
  return std::min(part_bytes_, file_bytes_ - offset(number));
}

const HeldPart* PartPlan::find(const std::vector<HeldPart>& held, uint32_t number, const std::string& etag) const {
  for (const HeldPart& part : held) {
    if (part.number == number && part.bytes == bytes(number) && part.etag == etag) {
      return &part;
    }
  }
  return nullptr;
}

}  // namespace harvest::s3
