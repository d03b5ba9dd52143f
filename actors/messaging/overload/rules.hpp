#pragma once

#include "actors/messaging/overload/config.hpp"
#include "protocol/basic_types.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

namespace hetzel::messaging {

/// What was measured, the worst of all reactors and shards.
struct overload_reading {
  std::size_t memory_bytes = 0;
  std::chrono::milliseconds lag{0};
  std::chrono::milliseconds store_lag{0};
  std::size_t mailbox = 0;
};

/// Makes one level of what was measured: up at once, down when nothing comes
/// near it for `hold`. Plain, for one owner; time comes in.
class overload_rules {
public:
  /// The level from now on.
  overload_level update(const overload_reading& seen,
                        const overload_config& config, mqtt::time_point now);

  [[nodiscard]] overload_level level() const noexcept { return level_; }

  /// Which of what was measured is furthest: memory, lag, store, mailbox, or
  /// none.
  [[nodiscard]] std::string_view cause() const noexcept { return cause_; }

private:
  overload_level level_ = overload_level::none;
  std::string_view cause_ = "none";
  std::optional<mqtt::time_point> below_since_;
};

[[nodiscard]] std::string_view to_string(overload_level level) noexcept;

} // namespace hetzel::messaging
