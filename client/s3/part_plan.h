#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client/s3/answers.h"

namespace harvest::s3 {

constexpr uint64_t kPartBytesMin = 5 << 20;  ///< S3's least, of every part but the last
constexpr uint64_t kPartBytes = 16 << 20;    ///< what we send at once; a file of more goes in parts
constexpr uint64_t kPartBytesMax = 1 << 30;  ///< held in memory while it is sent
constexpr uint64_t kPartsMax = 10000;        ///< S3's most

/// A file cut into parts. Pure.
class PartPlan {
 public:
  /// Parts are larger than `part_bytes` where else there would be more than kPartsMax of them.
  PartPlan(uint64_t file_bytes, uint64_t part_bytes);

  uint32_t count() const { return count_; }
  uint64_t offset(uint32_t number) const { return (number - 1) * part_bytes_; }  ///< of a part, from 1
  uint64_t bytes(uint32_t number) const;

  /// Where the bucket has this very part of this very size; nullptr where it must be sent (again). `etag`: the MD5 of
  /// our bytes: of a bucket whose tags are none, every part is sent again, which is never wrong.
  const HeldPart* find(const std::vector<HeldPart>& held, uint32_t number, const std::string& etag) const;

 private:
  uint64_t file_bytes_;
  uint64_t part_bytes_;
  uint32_t count_;
};

}  // namespace harvest::s3
