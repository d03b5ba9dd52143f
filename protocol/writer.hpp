#pragma once

#include "protocol/assert.hpp"
#include "protocol/basic_types.hpp"
#include "protocol/packet.hpp"
#include "protocol/variable_byte_integer.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace hetzel::mqtt {

/// Appends one packet to a buffer. The body's size is counted first, so that
/// the buffer grows once and the fixed header is right at once; `close`
/// asserts that the count was true.
class writer {
public:
  writer(std::string& out, packet_type type, unsigned flags,
         std::size_t body_size) {
    HETZEL_ASSERT(body_size <= remaining_length_max);
    auto header_size = 1 + variable_byte_integer_size(body_size);
    auto old_size = out.size();
    out.resize(old_size + header_size + body_size);
    at_ = out.data() + old_size;
    end_ = at_ + header_size + body_size;
    byte(static_cast<unsigned>(type) << 4U | flags);
    variable_integer(body_size);
  }

  void byte(unsigned value) noexcept { *at_++ = static_cast<char>(value); }

  void two_byte_integer(unsigned value) noexcept {
    byte(value >> 8U);
    byte(value);
  }

  void four_byte_integer(std::uint32_t value) noexcept {
    two_byte_integer(value >> 16U);
    two_byte_integer(value);
  }

  void variable_integer(std::size_t value) noexcept {
    at_ = write_variable_byte_integer(at_, static_cast<std::uint32_t>(value));
  }

  void raw(bytes_view bytes) noexcept {
    if (!bytes.empty())
      std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }

  /// A UTF-8 string or binary data: two bytes of length before it.
  void string(bytes_view bytes) noexcept {
    two_byte_integer(static_cast<unsigned>(bytes.size()));
    raw(bytes);
  }

  /// Property Length and properties; nothing in 3.x.
  void properties(property_view view, protocol_version version) noexcept {
    if (version != protocol_version::v5)
      return;
    variable_integer(view.bytes().size());
    raw(view.bytes());
  }

  void close() const { HETZEL_ASSERT(at_ == end_); }

private:
  char* at_;
  const char* end_;
};

/// Sizes of what the members of `writer` with these names write.
[[nodiscard]] inline std::size_t string_size(bytes_view bytes) {
  HETZEL_ASSERT(bytes.size() <= 65'535);
  return 2 + bytes.size();
}

[[nodiscard]] inline std::size_t properties_size(property_view view,
                                                 protocol_version version) {
  if (version != protocol_version::v5)
    return 0;
  auto size = view.bytes().size();
  HETZEL_ASSERT(size <= remaining_length_max);
  return variable_byte_integer_size(size) + size;
}

} // namespace hetzel::mqtt
