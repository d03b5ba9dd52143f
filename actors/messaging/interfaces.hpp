#pragma once

#include "actors/messaging/type_ids.hpp"
#include "actors/runtime/introspection.hpp"

#include <cstdint>
#include <vector>

/// The messages that the actors of this folder understand, beside `describe`.
/// What each of them is, its own header says.

namespace hetzel::messaging {

using subscription_shard = runtime::introspectable::extend<
  caf::result<void>(subscription_changes_ptr)>;

using retained_shard = runtime::introspectable::extend<
  // The reason code that answers the publisher.
  caf::result<std::uint8_t>(mqtt::message_ptr),
  caf::result<void>(retained_batch_ptr),
  // What the metadata says.
  caf::result<void>(retained_changes_ptr),
  caf::result<retained_reply_ptr>(retained_request_ptr),
  caf::result<void>(cancel_walk_atom, std::uint64_t)>;

using courier = runtime::introspectable::extend<caf::result<void>(wake_atom),
                                                caf::result<void>(shed_atom)>;

using registrar = runtime::introspectable::extend<
  caf::result<std::vector<runtime::child_listing>>(runtime::children_atom),
  caf::result<void>(accepted_client_ptr),
  caf::result<void>(restored_sessions_ptr),
  caf::result<shard_contents_ptr>(resubscribe_atom, std::uint32_t),
  caf::result<void>(shut_down_atom)>;

using queue_actor = runtime::introspectable;

using journal_keeper = runtime::introspectable;

using session_actor = runtime::introspectable::extend<
  // A reason code: ends the session with it.
  caf::result<void>(disconnect_atom, std::uint8_t)>;

} // namespace hetzel::messaging
