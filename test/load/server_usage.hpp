#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace hetzel::test::load {

/// What a process has used so far, of CPU, and uses now, of memory.
struct server_usage {
  /// User and system time of all threads, those that ended included.
  std::chrono::nanoseconds cpu{0};
  /// Memory that is mapped to pages; PSS divides shared pages by their users.
  std::uint64_t rss_bytes = 0;
  std::uint64_t pss_bytes = 0;
};

/// Nullopt when there is no such process or it may not be looked at.
[[nodiscard]] std::optional<server_usage> read_usage(int pid);

/// CPU of this process.
[[nodiscard]] std::chrono::nanoseconds own_cpu() noexcept;

} // namespace hetzel::test::load
