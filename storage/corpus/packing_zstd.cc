#include <zstd.h>

#include <array>

#include "storage/corpus/packings.h"

namespace harvest::corpus {
namespace {

constexpr int kZstdLevel = 3;  // its own default

struct FreeZstd {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

class ZstdUnpacker final : public Unpacker {
 public:
  absl::Status unpack(std::string_view bytes, const std::function<void(std::string_view)>& take) override {
    if (context_ == nullptr) return absl::ResourceExhaustedError("no memory for reading a shard");
    if (ended_) return bytes_behind();
    if (!begun_) {
      begun_ = true;
      const unsigned long long size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
      if (size == ZSTD_CONTENTSIZE_ERROR) return damaged("it begins with no zstd frame");
      if (size == ZSTD_CONTENTSIZE_UNKNOWN) return absl::DataLossError("the zstd frame does not name its size");
    }
    std::array<char, kPieceBytes> piece;
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    size_t filled = 0;
    do {  // ends: every round takes input or fills the output
      ZSTD_outBuffer out{piece.data(), piece.size(), 0};
      const size_t result = ZSTD_decompressStream(context_.get(), &out, &in);
      if (ZSTD_isError(result)) return damaged(ZSTD_getErrorName(result));
      filled = out.pos;
      take({piece.data(), filled});
      if (result == 0) {
        ended_ = true;
        return in.pos < in.size ? bytes_behind() : absl::OkStatus();
      }
    } while (in.pos < in.size || filled == piece.size());
    return absl::OkStatus();
  }
  bool ended() const override { return ended_; }

 private:
  std::unique_ptr<ZSTD_DCtx, FreeZstd> context_{ZSTD_createDCtx()};
  bool begun_ = false;
  bool ended_ = false;
};

}  // namespace

absl::StatusOr<Packed> pack_zstd(std::string_view raw) {
  const std::unique_ptr<ZSTD_CCtx, FreeZstd> context(ZSTD_createCCtx());
  if (context == nullptr) return absl::ResourceExhaustedError("no memory for compressing a shard");
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kZstdLevel);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  const size_t bound = ZSTD_compressBound(raw.size());
  Packed packed{LargeBuffer(bound)};
  // At once: so the frame names its size, which one-shot readers need.
  packed.size = ZSTD_compress2(context.get(), packed.bytes.data(), bound, raw.data(), raw.size());
  if (ZSTD_isError(packed.size)) return absl::ResourceExhaustedError(ZSTD_getErrorName(packed.size));
  return packed;
}

std::unique_ptr<Unpacker> unpack_zstd() {
  return std::make_unique<ZstdUnpacker>();
}

}  // namespace harvest::corpus
