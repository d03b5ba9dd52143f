#pragma once

#include "actors/net/accepted_client.hpp"
#include "protocol/session/limits.hpp"

namespace hetzel::messaging {

struct live_config;

/// What the session of `client` is granted: by the configuration, its listener,
/// and providers.
[[nodiscard]] mqtt::session_limits
limits_of(const live_config& config, const net::accepted_client& client);

} // namespace hetzel::messaging
