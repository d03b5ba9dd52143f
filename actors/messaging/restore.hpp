#pragma once

#include "persistence/errc.hpp"

#include <caf/fwd.hpp>

#include <cstddef>

namespace hetzel::messaging {

class exchange;

/// What a node found of its former life.
struct restore_report {
  std::size_t sessions = 0;
  std::size_t subscriptions = 0;
  std::size_t retained = 0;
  /// That wait in queues.
  std::size_t messages = 0;
  /// Expired meanwhile, or of no Session any more; deleted.
  std::size_t outdated = 0;
  /// Not understood: logged, left as they are, not served.
  std::size_t unreadable = 0;
};

/// Makes queues of the Sessions in the metadata, with what the message store
/// has of them, and fills the retained messages, before a listener is open.
/// Blocks. The error is of the store: what was found so far is there, the node
/// must not serve.
[[nodiscard]] persistence::expected<restore_report, persistence::errc>
restore(exchange& node, caf::scoped_actor& self);

} // namespace hetzel::messaging
