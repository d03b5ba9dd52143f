#include "actors/net/websocket/inflater.hpp"

#include <boost/beast/zlib/inflate_stream.hpp>

#include <array>

namespace hetzel::net::websocket {

namespace {

namespace zlib = boost::beast::zlib;

constexpr std::size_t piece_size = 16 * 1'024;

/// An empty block, which a sender takes off the end of each message.
constexpr mqtt::bytes_view message_end{"\0\0\xFF\xFF", 4};

} // namespace

struct inflater::implementation {
  zlib::inflate_stream stream;
};

inflater::inflater() : impl_(std::make_unique<implementation>()) {}

inflater::~inflater() = default;

inflater::outcome inflater::write(mqtt::bytes_view deflated, std::string& out,
                                  std::size_t size_max) {
  std::array<char, piece_size> piece;
  zlib::z_params progress;
  progress.next_in = deflated.data();
  progress.avail_in = deflated.size();
  for (;;) {
    progress.next_out = piece.data();
    progress.avail_out = piece.size();
    boost::beast::error_code failure;
    impl_->stream.write(progress, zlib::Flush::sync, failure);
    const bool is_end = failure == zlib::error::end_of_stream;
    const bool is_stuck = failure == zlib::error::need_buffers;
    if (failure && !is_end && !is_stuck)
      return outcome::corrupt;
    const auto size = piece.size() - progress.avail_out;
    if (size > size_max)
      return outcome::too_large;
    size_max -= size;
    out.append(piece.data(), size);
    // A block that says it is the last may be followed by others (7.2.3.4).
    if (is_end)
      impl_->stream.reset();
    if (is_stuck || (progress.avail_in == 0 && progress.avail_out > 0))
      return outcome::done;
  }
}

inflater::outcome inflater::finish(std::string& out, std::size_t size_max) {
  return write(message_end, out, size_max);
}

} // namespace hetzel::net::websocket
