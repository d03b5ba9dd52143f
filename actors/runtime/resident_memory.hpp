#pragma once

#include <cstddef>

namespace hetzel::runtime {

/// Resident memory of this process in bytes; 0 where nobody says. Reads a file
/// of the kernel's that is in memory. From any thread.
[[nodiscard]] std::size_t resident_memory() noexcept;

} // namespace hetzel::runtime
