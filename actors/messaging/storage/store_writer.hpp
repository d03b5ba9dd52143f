#pragma once

#include "actors/messaging/type_ids.hpp"
#include "actors/runtime/introspection.hpp"
#include "persistence/key_value_store.hpp"
#include "persistence/messages/message_batch.hpp"
#include "persistence/messages/message_reader.hpp"
#include "protocol/delivery.hpp"

#include <caf/fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hetzel::messaging {

class message_disk;

/// Changes of one reactor, to be made together.
struct commit_request {
  /// From nobody in particular: in whatever order it comes.
  static constexpr std::uint32_t no_reactor = UINT32_MAX;

  std::shared_ptr<const persistence::message_batch> batch;
  persistence::durability level = persistence::durability::written;
  std::uint32_t reactor = no_reactor;
  /// Counts the batches of that reactor for this shard, from 1 on.
  std::uint64_t number = 0;
  /// The reactor begins anew with this one: it sends again all that it has no
  /// answer to.
  bool is_anew = false;
};

/// What a queue wants of its messages.
struct window_query {
  persistence::queue_id queue = persistence::queue_id::none;
  persistence::window_request what;
  /// Only to drop them.
  bool is_drop = false;
};

struct loaded_message {
  persistence::entry_stub stub;
  mqtt::delivery item;
  /// The name of its share group; empty: it has none.
  std::string share;
};

struct loaded_window {
  std::vector<loaded_message> messages;
  /// To be erased: damaged, not understood, or without a body, which a former
  /// process did not come to write; nobody was told that it had.
  std::vector<persistence::entry_stub> lost;
  bool at_end = false;
  bool is_drop = false;
  persistence::window_request rest;
  /// Else: to be asked for again later. Also when a body is on its way.
  persistence::errc status = persistence::errc::none;
};

/// A commit is answered with the number of a `persistence::errc`: `none` when
/// the store holds it as durably as was asked. One that is not the next of its
/// reactor is answered with an error and not made: a writer that has just
/// started does not know those before. A window sees all commits that
/// were sent before it by the same sender.
using store_writer = runtime::introspectable::extend<
  caf::result<std::uint8_t>(commit_request_ptr),
  caf::result<loaded_window_ptr>(window_query_ptr)>;

/// Runs one shard of the message store, the only one that writes there.
/// Detached, since the store blocks.
/// Messages:    commit (answers once done), read a window.
/// Owns:        nothing; the shard and what it owes are the disk's.
/// Supervision: permanent child of the storage supervisor.
/// On failure:  what waits is sent again by its reactors.
///
/// `disk` outlives it.
store_writer spawn_store_writer(caf::actor_system& system, message_disk& disk,
                                std::size_t shard);

} // namespace hetzel::messaging
