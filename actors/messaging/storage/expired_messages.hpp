#pragma once

#include "actors/messaging/subscriber_key.hpp"
#include "persistence/messages/ids.hpp"
#include "persistence/messages/operation.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hetzel::messaging {

/// Messages of one queue that expired on disk, for who runs it.
struct expired_messages {
  subscriber_key key;
  persistence::queue_id queue = persistence::queue_id::none;
  std::vector<persistence::entry_stub> messages;
  /// The last batch of the queue's reactor that had been committed when these
  /// were read.
  std::uint64_t seen = 0;
};

/// Takes them to their queues. From any thread.
class expiry_listener {
public:
  virtual ~expiry_listener() = default;

  /// Where the queue of that subscriber is.
  [[nodiscard]] virtual std::size_t
  reactor_of(const subscriber_key& key) const = 0;

  virtual void on_expired(std::size_t reactor, expired_messages found) = 0;
};

} // namespace hetzel::messaging
