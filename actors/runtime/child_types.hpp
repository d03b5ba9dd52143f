#pragma once

#include <cstdint>

namespace hetzel::runtime {

/// When a child that ended is started again.
enum class restart_policy : std::uint8_t {
  permanent, ///< always
  transient, ///< when it ended abnormally
  temporary, ///< never; its specification goes with it
};

enum class child_type : std::uint8_t { worker, supervisor };

enum class child_state : std::uint8_t {
  stopped, ///< has no actor
  starting, ///< spawned, not initialised yet
  running,
  stopping, ///< told to end, not gone yet
};

[[nodiscard]] const char* to_string(restart_policy policy) noexcept;
[[nodiscard]] const char* to_string(child_type type) noexcept;
[[nodiscard]] const char* to_string(child_state state) noexcept;

} // namespace hetzel::runtime
