#include "test/support/websocket_bytes.hpp"

#include <cstdint>
#include <stdexcept>

namespace hetzel::test {

using net::websocket::opcode;

namespace {

void put_integer(std::string& out, std::uint64_t number, unsigned bytes) {
  while (bytes-- > 0)
    out += static_cast<char>(number >> (8 * bytes) & 0xFFU);
}

std::uint64_t take_integer(std::string_view& bytes, std::size_t size) {
  std::uint64_t result = 0;
  for (const char byte : bytes.substr(0, size))
    result = result << 8U | static_cast<unsigned char>(byte);
  bytes.remove_prefix(size);
  return result;
}

void put_size(std::string& out, std::uint64_t size, unsigned mask_bit) {
  const auto put = [&](std::uint64_t short_size, unsigned further) {
    out += static_cast<char>(mask_bit | short_size);
    put_integer(out, size, further);
  };
  if (size < 126)
    put(size, 0);
  else if (size < 65'536)
    put(126, 2);
  else
    put(127, 8);
}

} // namespace

std::string client_frame::with(std::string_view payload) const {
  std::string out;
  out += static_cast<char>((is_last ? 0x80U : 0U) | reserved_bits
                           | static_cast<unsigned>(kind));
  put_size(out, payload.size(), is_masked ? 0x80 : 0);
  if (!is_masked)
    return out.append(payload);
  for (const auto byte : key)
    out += static_cast<char>(byte);
  for (std::size_t i = 0; i < payload.size(); ++i)
    out += static_cast<char>(static_cast<unsigned char>(payload[i])
                             ^ key[i % 4]);
  return out;
}

std::string client_message(std::string_view content,
                           const std::vector<std::size_t>& sizes) {
  std::string out;
  client_frame frame;
  for (std::size_t i = 0;; ++i) {
    const auto part = content.substr(0, sizes[i % sizes.size()]);
    content.remove_prefix(part.size());
    frame.is_last = content.empty();
    out += frame.with(part);
    if (frame.is_last)
      return out;
    frame.kind = opcode::continuation;
    frame.key[i % 4] ^= 0x5A;
  }
}

std::vector<server_frame> take_server_frames(std::string_view& bytes) {
  std::vector<server_frame> frames;
  while (bytes.size() >= 2) {
    auto rest = bytes;
    const auto first = static_cast<unsigned>(take_integer(rest, 1));
    auto size = take_integer(rest, 1);
    if (size >= 0x80)
      throw std::runtime_error{"a server's frame is masked"};
    const std::size_t further = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (rest.size() < further)
      break;
    if (further > 0)
      size = take_integer(rest, further);
    if ((further == 2 && size < 126) || (further == 8 && size < 65'536))
      throw std::runtime_error{"a size is not said in the shortest way"};
    if (rest.size() < size)
      break;
    frames.push_back({first, std::string{rest.substr(0, size)}});
    bytes = rest.substr(size);
  }
  return frames;
}

std::string server_payload(std::string_view bytes) {
  std::string all;
  for (const auto& frame : take_server_frames(bytes))
    if (frame.first_byte == 0x82)
      all += frame.payload;
  return all;
}

std::string upgrade_request(std::string_view lines) {
  return "GET /mqtt HTTP/1.1\r\n"
         "Host: broker.example\r\n"
         "Upgrade: websocket\r\n"
         "Connection: Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
         "Sec-WebSocket-Protocol: mqtt\r\n"
         "Sec-WebSocket-Version: 13\r\n"
         + std::string{lines} + "\r\n";
}

std::string replaced(std::string text, std::string_view from,
                     std::string_view to) {
  const auto at = text.find(from);
  if (at == std::string::npos || text.find(from, at + 1) != std::string::npos)
    throw std::runtime_error{"not there once: " + std::string{from}};
  return text.replace(at, from.size(), to);
}

} // namespace hetzel::test
