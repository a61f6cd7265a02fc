#include <libdeflate.h>
#include <zlib.h>

#include <array>
#include <cassert>

#include "storage/corpus/packings.h"

namespace harvest::corpus {
namespace {

/// At which JSON text stops shrinking noticeably.
constexpr int kGzipLevel = 6;
constexpr int kGzipWindowBits = 15 + 16;  // 16: expect a gzip header and check its trailer

struct FreeCompressor {
  void operator()(libdeflate_compressor* compressor) const { libdeflate_free_compressor(compressor); }
};

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
    if (ended_) return bytes_behind();
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
        return stream_.avail_in > 0 ? bytes_behind() : absl::OkStatus();
      }
    } while (stream_.avail_in > 0 || stream_.avail_out == 0);
    return absl::OkStatus();
  }
  bool ended() const override { return ended_; }

 private:
  z_stream stream_{};
  bool ended_ = false;
};

}  // namespace

absl::StatusOr<Packed> pack_gzip(std::string_view raw) {
  const std::unique_ptr<libdeflate_compressor, FreeCompressor> compressor(libdeflate_alloc_compressor(kGzipLevel));
  if (compressor == nullptr) return absl::ResourceExhaustedError("no memory for compressing a shard");
  const size_t bound = libdeflate_gzip_compress_bound(compressor.get(), raw.size());
  Packed packed{LargeBuffer(bound)};
  packed.size = libdeflate_gzip_compress(compressor.get(), raw.data(), raw.size(), packed.bytes.data(), bound);
  if (packed.size == 0) return absl::InternalError("a shard did not fit into the bound that libdeflate gave for it");
  return packed;
}

std::unique_ptr<Unpacker> unpack_gzip() {
  return std::make_unique<GzipUnpacker>();
}

}  // namespace harvest::corpus
