#include "test/load/websocket_codec.hpp"

#include <algorithm>
#include <cstring>

namespace hetzel::test::load {

namespace {

constexpr unsigned char last_binary = 0x82;

void append_header(std::string& out, std::size_t size) {
  constexpr unsigned masked = 0x80;
  out += static_cast<char>(last_binary);
  int further = 0;
  if (size < 126) {
    out += static_cast<char>(masked | size);
  } else if (size < 65'536) {
    out += static_cast<char>(masked | 126U);
    further = 2;
  } else {
    out += static_cast<char>(masked | 127U);
    further = 8;
  }
  for (int shift = 8 * (further - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(size >> static_cast<unsigned>(shift) & 0xFFU);
  out.append(4, '\0');
}

/// Of a server's frame, whose size byte is `short_size`.
std::size_t header_size(unsigned char short_size) noexcept {
  if (short_size == 126)
    return 4;
  return short_size == 127 ? 10 : 2;
}

} // namespace

websocket_codec::websocket_codec()
  : wire_("GET /mqtt HTTP/1.1\r\nHost: hetzel-bench\r\n"
          "Upgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Key: aGV0emVsLWJlbmNoLS0tLQ==\r\n"
          "Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Version: 13\r\n"
          "\r\n") {}

void websocket_codec::wrap(std::string& packets) {
  if (!is_open_ || packets.empty())
    return;
  append_header(wire_, packets.size());
  wire_ += packets;
  packets.clear();
}

std::optional<std::size_t> websocket_codec::unwrap(char* bytes,
                                                   std::size_t size) {
  std::size_t kept = 0;
  std::size_t at = is_open_ ? 0 : take_answer(bytes, size);
  while (at < size && !has_ended_) {
    if (payload_left_ == 0) {
      at += take_header(bytes + at, size - at);
      continue;
    }
    const auto part = static_cast<std::size_t>(
      std::min<std::uint64_t>(payload_left_, size - at));
    std::memmove(bytes + kept, bytes + at, part);
    kept += part;
    at += part;
    payload_left_ -= part;
  }
  if (has_ended_)
    return std::nullopt;
  return kept;
}

/// How many bytes belong to the answer of HTTP.
std::size_t websocket_codec::take_answer(const char* bytes, std::size_t size) {
  const auto before = answer_.size();
  answer_.append(bytes, size);
  const auto end = answer_.find("\r\n\r\n");
  if (end == std::string::npos)
    return size;
  is_open_ = true;
  has_ended_ = !answer_.starts_with("HTTP/1.1 101");
  std::string{}.swap(answer_);
  return end + 4 - before;
}

std::size_t websocket_codec::take_header(const char* bytes, std::size_t size) {
  std::size_t taken = 0;
  while (taken < size
         && (header_size_ < 2 || header_size_ < header_size(header_[1])))
    header_[header_size_++] = static_cast<unsigned char>(bytes[taken++]);
  if (header_size_ < 2 || header_size_ < header_size(header_[1]))
    return taken;
  has_ended_ = header_[0] != last_binary;
  payload_left_ = header_size_ == 2 ? header_[1] : 0;
  for (std::size_t i = 2; i < header_size_; ++i)
    payload_left_ = payload_left_ << 8U | header_[i];
  header_size_ = 0;
  return taken;
}

} // namespace hetzel::test::load
