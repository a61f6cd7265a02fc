#include "storage/corpus/shard_packing.h"

#include <libdeflate.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <cassert>

#include "absl/strings/str_cat.h"

namespace harvest::corpus {
namespace {

/// At which JSON text stops shrinking noticeably; zstd's own default.
constexpr int kGzipLevel = 6;
constexpr int kZstdLevel = 3;
constexpr int kGzipWindowBits = 15 + 16;  // 16: expect a gzip header and check its trailer
constexpr size_t kPieceBytes = 256 << 10;

absl::Status behind() {
  return absl::DataLossError("there are bytes behind the compressed data");
}

absl::Status damaged(const char* reason) {
  return absl::DataLossError(absl::StrCat("the compressed data is damaged (", reason, ")"));
}

struct FreeCompressor {
  void operator()(libdeflate_compressor* compressor) const { libdeflate_free_compressor(compressor); }
};

absl::StatusOr<Packed> gzip(std::string_view raw) {
  const std::unique_ptr<libdeflate_compressor, FreeCompressor> compressor(libdeflate_alloc_compressor(kGzipLevel));
  if (compressor == nullptr) return absl::ResourceExhaustedError("no memory for compressing a shard");
  const size_t bound = libdeflate_gzip_compress_bound(compressor.get(), raw.size());
  Packed packed{std::make_unique_for_overwrite<char[]>(bound)};
  packed.size = libdeflate_gzip_compress(compressor.get(), raw.data(), raw.size(), packed.bytes.get(), bound);
  if (packed.size == 0) return absl::InternalError("a shard did not fit into the bound that libdeflate gave for it");
  return packed;
}

struct FreeZstd {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

absl::StatusOr<Packed> zstd(std::string_view raw) {
  const std::unique_ptr<ZSTD_CCtx, FreeZstd> context(ZSTD_createCCtx());
  if (context == nullptr) return absl::ResourceExhaustedError("no memory for compressing a shard");
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kZstdLevel);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  const size_t bound = ZSTD_compressBound(raw.size());
  Packed packed{std::make_unique_for_overwrite<char[]>(bound)};
  // At once: so the frame names its size, which one-shot readers need.
  packed.size = ZSTD_compress2(context.get(), packed.bytes.get(), bound, raw.data(), raw.size());
  if (ZSTD_isError(packed.size)) return absl::ResourceExhaustedError(ZSTD_getErrorName(packed.size));
  return packed;
}

class GzipUnpacker final : public Unpacker {
 public:
  GzipUnpacker() {
    [[maybe_unused]] const int ok = inflateInit2(&stream_, kGzipWindowBits);
    assert(ok == Z_OK);  // fails for want of memory only
  }
  ~GzipUnpacker() override { inflateEnd(&stream_); }
  GzipUnpacker(const GzipUnpacker&) = delete;
  GzipUnpacker& operator=(const GzipUnpacker&) = delete;

  absl::Status unpack(std::string_view bytes, const std::function<void(std::string_view)>& take) override {
    if (ended_) return behind();
    std::array<char, kPieceBytes> piece;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {  // ends: every round takes input or fills the output
      stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream_.avail_out = static_cast<uInt>(piece.size());
      const int result = inflate(&stream_, Z_NO_FLUSH);
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        return damaged(stream_.msg == nullptr ? "zlib gives no reason" : stream_.msg);
      take({piece.data(), piece.size() - stream_.avail_out});
      if (result == Z_STREAM_END) {
        ended_ = true;
        return stream_.avail_in > 0 ? behind() : absl::OkStatus();
      }
    } while (stream_.avail_in > 0 || stream_.avail_out == 0);
    return absl::OkStatus();
  }
  bool ended() const override { return ended_; }

 private:
  z_stream stream_{};
  bool ended_ = false;
};

class ZstdUnpacker final : public Unpacker {
 public:
  absl::Status unpack(std::string_view bytes, const std::function<void(std::string_view)>& take) override {
    if (context_ == nullptr) return absl::ResourceExhaustedError("no memory for reading a shard");
    if (ended_) return behind();
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
        return in.pos < in.size ? behind() : absl::OkStatus();
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

absl::StatusOr<Packed> pack(ShardFormat format, std::string_view raw) {
  // Invariant: plain lines are their own file.
  assert(format != ShardFormat::kJsonl);
  return format == ShardFormat::kJsonlZst ? zstd(raw) : gzip(raw);
}

std::unique_ptr<Unpacker> Unpacker::make(ShardFormat format) {
  if (format == ShardFormat::kJsonlGz) return std::make_unique<GzipUnpacker>();
  if (format == ShardFormat::kJsonlZst) return std::make_unique<ZstdUnpacker>();
  return nullptr;
}

}  // namespace harvest::corpus
