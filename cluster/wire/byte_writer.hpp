#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hetzel::cluster {

/// Appends what `byte_reader` reads to a string of the caller's.
class byte_writer {
public:
  explicit byte_writer(std::string& out) noexcept : out_(out) {}

  void u8(std::uint8_t value) { out_ += static_cast<char>(value); }
  void u32(std::uint32_t value) { fixed(value, 4); }
  void u64(std::uint64_t value) { fixed(value, 8); }

  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7)
      u8(static_cast<std::uint8_t>(value | 0x80));
    u8(static_cast<std::uint8_t>(value));
  }

  void block(std::string_view bytes) {
    varint(bytes.size());
    out_ += bytes;
  }

private:
  void fixed(std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
      u8(static_cast<std::uint8_t>(value >> 8 * i));
  }

  std::string& out_;
};

} // namespace hetzel::cluster
