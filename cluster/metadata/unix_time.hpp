#pragma once

#include "cluster/wire/byte_reader.hpp"
#include "cluster/wire/byte_writer.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace hetzel::cluster {

/// Milliseconds of the wall clock since 1970, for what must mean the same
/// after a restart and on another machine.
using unix_time = std::chrono::sys_time<std::chrono::milliseconds>;

/// As u64; 0: none.
inline void write(byte_writer& out, std::optional<unix_time> time) {
  out.u64(time ? static_cast<std::uint64_t>(time->time_since_epoch().count())
               : 0);
}

[[nodiscard]] inline std::optional<unix_time>
read_unix_time(byte_reader& in) noexcept {
  const auto count = in.u64();
  // Beyond what a clock in nanoseconds holds, nothing was ever written.
  in.require(count < std::uint64_t{1} << 43U);
  if (count == 0 || in.has_failed())
    return std::nullopt;
  return unix_time{std::chrono::milliseconds{static_cast<std::int64_t>(count)}};
}

} // namespace hetzel::cluster
