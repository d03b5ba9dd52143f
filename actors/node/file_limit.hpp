#pragma once

#include "actors/node/config/node_config.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace hetzel::node {

/// Descriptors kept for what is no client: logs, storage, listeners, wake-ups.
inline constexpr std::size_t descriptors_reserved = 128;

/// Raises RLIMIT_NOFILE to its hard limit; returns the limit now in force.
std::size_t raise_file_limit() noexcept;

/// Lowers every listener's `max_connections` to what `limit` descriptors
/// allow; returns the names of those it lowered.
std::vector<std::string> cap_connections(node_config& config,
                                         std::size_t limit);

} // namespace hetzel::node
