#include "actors/net/websocket/frame.hpp"

#include "protocol/utf8.hpp"

#include <cstring>

namespace hetzel::net::websocket {

namespace {

constexpr unsigned last_bit = 0x80;
constexpr unsigned compressed_bit = 0x40;
constexpr unsigned reserved_bits = 0x30;
constexpr unsigned masked_bit = 0x80;

constexpr unsigned size_in_two = 126;
constexpr unsigned size_in_eight = 127;
constexpr std::uint64_t two_bytes_max = 0xFFFF;

unsigned byte_at(mqtt::bytes_view bytes, std::size_t at) noexcept {
  return static_cast<unsigned char>(bytes[at]);
}

std::uint64_t read_integer(mqtt::bytes_view bytes) noexcept {
  std::uint64_t result = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    result = result << 8U | byte_at(bytes, i);
  return result;
}

void write_integer(std::string& out, std::uint64_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(number >> static_cast<unsigned>(shift) & 0xFFU);
}

bool is_known(unsigned kind) noexcept {
  return kind <= 2 || (kind >= 8 && kind <= 10);
}

/// How many bytes say the size when the second byte of the header does not.
std::size_t size_bytes(unsigned short_size) noexcept {
  if (short_size == size_in_two)
    return 2;
  return short_size == size_in_eight ? 8 : 0;
}

bool is_shortest(std::uint64_t size, std::size_t in_bytes) noexcept {
  if (in_bytes == 8)
    return size > two_bytes_max && size >> 63U == 0;
  return in_bytes == 0 || size >= size_in_two;
}

/// Codes that an endpoint may put into a frame (7.4).
bool is_sendable(std::uint64_t code) noexcept {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014)
         || (code >= 3000 && code <= 4999);
}

} // namespace

mqtt::expected<std::optional<header_read>, close_code>
read_client_header(mqtt::bytes_view bytes) noexcept {
  constexpr auto wrong = mqtt::unexpected(close_code::protocol_error);
  if (bytes.empty())
    return std::nullopt;
  const auto first = byte_at(bytes, 0);
  const auto kind = first & 0x0FU;
  if ((first & reserved_bits) != 0 || !is_known(kind))
    return wrong;
  header_read result;
  auto& header = result.header;
  header.kind = static_cast<opcode>(kind);
  header.is_last = (first & last_bit) != 0;
  header.is_compressed = (first & compressed_bit) != 0;
  if (bytes.size() < 2)
    return std::nullopt;
  const auto short_size = byte_at(bytes, 1) & ~masked_bit;
  if ((byte_at(bytes, 1) & masked_bit) == 0)
    return wrong;
  if (is_control(header.kind)
      && (!header.is_last || header.is_compressed
          || short_size > control_size_max))
    return wrong;
  const auto extended = size_bytes(short_size);
  result.size = 2 + extended + header.key.size();
  if (bytes.size() < result.size)
    return std::nullopt;
  header.size = extended == 0 ? short_size
                              : read_integer(bytes.substr(2, extended));
  if (!is_shortest(header.size, extended))
    return wrong;
  std::memcpy(header.key.data(), bytes.data() + 2 + extended,
              header.key.size());
  return result;
}

void write_server_header(std::string& out, opcode kind, std::uint64_t size,
                         bool is_compressed) {
  out += static_cast<char>(last_bit | (is_compressed ? compressed_bit : 0U)
                           | static_cast<unsigned>(kind));
  if (size < size_in_two) {
    out += static_cast<char>(size);
  } else if (size <= two_bytes_max) {
    out += static_cast<char>(size_in_two);
    write_integer(out, size, 2);
  } else {
    out += static_cast<char>(size_in_eight);
    write_integer(out, size, 8);
  }
}

// Eight bytes at a time, which the compiler makes more of.
void apply_mask(char* bytes, std::size_t size, masking_key key,
                std::uint64_t offset) noexcept {
  std::array<unsigned char, 8> turned{};
  for (std::size_t i = 0; i < turned.size(); ++i)
    turned[i] = key[(offset + i) % key.size()];
  std::uint64_t wide = 0;
  std::memcpy(&wide, turned.data(), sizeof(wide));
  std::size_t i = 0;
  for (; i + sizeof(wide) <= size; i += sizeof(wide)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + i, sizeof(word));
    word ^= wide;
    std::memcpy(bytes + i, &word, sizeof(word));
  }
  for (; i < size; ++i)
    bytes[i] = static_cast<char>(static_cast<unsigned char>(bytes[i])
                                 ^ turned[i % turned.size()]);
}

mqtt::expected<void, close_code>
check_close(mqtt::bytes_view payload) noexcept {
  if (payload.empty())
    return {};
  if (payload.size() < 2 || !is_sendable(read_integer(payload.substr(0, 2))))
    return mqtt::unexpected(close_code::protocol_error);
  if (!mqtt::is_valid_utf8(payload.substr(2)))
    return mqtt::unexpected(close_code::invalid_data);
  return {};
}

} // namespace hetzel::net::websocket
