#pragma once

#include <chrono>

/// How requests to actors that may be under repair are made again.

namespace hetzel::messaging {

/// A shard or a metadata group that is started anew after a failure answers
/// late.
inline constexpr std::chrono::seconds shard_timeout{10};
inline constexpr std::chrono::seconds store_timeout{30};
inline constexpr std::chrono::milliseconds retry_delay{100};
inline constexpr int attempts_max = 5;

} // namespace hetzel::messaging
