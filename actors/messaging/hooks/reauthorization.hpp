#pragma once

#include "plugins/api/broker.hpp"

#include <functional>
#include <optional>
#include <string>

namespace hetzel::messaging {

class queue;
struct site;

/// Asks `auth_on_subscribe` anew for each subscription of `owner`, one after
/// the other, takes away what is refused and puts in what is rewritten. `done`
/// hears what changed, or nullopt when the Session ended meanwhile; within this
/// call if nobody needs time.
void reauthorize(
  site& local, queue& owner, const std::optional<std::string>& user_name,
  std::function<void(std::optional<plugins::reauthorized>)> done);

} // namespace hetzel::messaging
