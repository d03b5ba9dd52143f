#pragma once

#include <cstdint>
#include <string_view>

namespace hetzel::persistence {

/// CRC-32C (Castagnoli, reflected, as in iSCSI) of `bytes`, continued from the
/// one of what stands before. Uses the processor's instruction where it has it.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes,
                                   std::uint32_t before = 0) noexcept;

/// The same without the instruction; what other processors get.
[[nodiscard]] std::uint32_t crc32c_portable(std::string_view bytes,
                                            std::uint32_t before = 0) noexcept;

/// LevelDB keeps checksums rotated and shifted, so that one over bytes which
/// hold a checksum is not special.
[[nodiscard]] constexpr std::uint32_t masked_crc(std::uint32_t crc) noexcept {
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
}

} // namespace hetzel::persistence
