#pragma once

#include "actors/messaging/subscriber_key.hpp"
#include "actors/messaging/storage/stored_queue.hpp"
#include "actors/messaging/subscription_list.hpp"
#include "cluster/metadata/session_record.hpp"

#include <optional>
#include <vector>

namespace hetzel::messaging {

/// A Session as the metadata has it.
struct restored_session {
  subscriber_key key;
  cluster::session_record record;
  std::vector<subscription_list::entry> subscriptions;
  /// Of its messages; nullopt: the store has none.
  std::optional<stored_origin> stored = std::nullopt;
};

/// Of one reactor.
struct restored_sessions {
  std::vector<restored_session> sessions;
};

} // namespace hetzel::messaging
