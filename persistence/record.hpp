#pragma once

#include "persistence/errc.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

/// What stands in the value of a record on disk (layout 1), integers
/// little-endian:
///
///   bytes  what
///   4      CRC-32C of: u32 size of the key | key | payload
///   n      payload, the value that was put
///
/// The key is part of it, so that a value which turns up under another key is
/// found out.

namespace hetzel::persistence {

inline constexpr std::size_t seal_size = 4;

[[nodiscard]] std::uint32_t record_checksum(std::string_view key,
                                            std::string_view payload) noexcept;

/// Writes the checksum to the `seal_size` bytes at `out`.
void seal_record(std::string_view key, std::string_view payload,
                 char* out) noexcept;

/// The payload, a view into `sealed`, or `errc::corrupt`.
[[nodiscard]] expected<std::string_view, errc>
open_record(std::string_view key, std::string_view sealed) noexcept;

} // namespace hetzel::persistence
