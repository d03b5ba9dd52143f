#include "actors/net/websocket/deflater.hpp"

#include <boost/beast/zlib/deflate_stream.hpp>

#include <algorithm>
#include <array>

namespace hetzel::net::websocket {

namespace {

namespace zlib = boost::beast::zlib;

/// The fastest that still finds what repeats: MQTT packets are small and alike.
constexpr int level = 1;
constexpr int memory_level = 8;

constexpr std::size_t parts_max = 64;
constexpr std::size_t message_end_size = 4;

/// A scratch string that grew beyond this is freed.
constexpr std::size_t kept_max = 1 << 20;

struct compressor {
  zlib::deflate_stream stream;
  std::string out;

  void write(mqtt::bytes_view bytes, zlib::Flush flush) {
    zlib::z_params progress;
    progress.next_in = bytes.data();
    progress.avail_in = bytes.size();
    boost::beast::error_code failure;
    do {
      const auto before = out.size();
      out.resize(before + bytes.size() + 64);
      progress.next_out = out.data() + before;
      progress.avail_out = out.size() - before;
      stream.write(progress, flush, failure);
      out.resize(out.size() - progress.avail_out);
    } while (!failure && progress.avail_out == 0);
  }
};

} // namespace

deflated_part deflate(const mqtt::output_buffer& output, std::size_t size_max,
                      int window_bits) {
  static thread_local compressor one;
  one.out.clear();
  if (one.out.capacity() > kept_max)
    one.out.shrink_to_fit();
  one.stream.reset(level, window_bits, memory_level, zlib::Strategy::normal);
  std::array<mqtt::bytes_view, parts_max> parts;
  const auto used = output.gather(parts);
  deflated_part result;
  for (std::size_t i = 0; i < used && result.size < size_max; ++i) {
    const auto part = parts[i].substr(0, size_max - result.size);
    one.write(part, zlib::Flush::none);
    result.size += part.size();
  }
  one.write({}, zlib::Flush::sync);
  result.bytes = one.out;
  result.bytes.remove_suffix(message_end_size);
  return result;
}

} // namespace hetzel::net::websocket
