#pragma once

#include "persistence/memory_store.hpp"
#include "persistence/messages/durable_queue.hpp"
#include "persistence/messages/message_store.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace hetzel::test {

/// Millisecond `count` of the test's time.
[[nodiscard]] persistence::deadline at_ms(std::int64_t count);

/// One shard of the message store over the store in memory, and a batch.
struct message_shard {
  explicit message_shard(persistence::message_layout place = {});

  /// Opens it anew, as after the end of the process; what was not committed
  /// is gone.
  void open();

  /// Commits what is in the batch, which must work.
  void commit(persistence::durability level
              = persistence::durability::written);

  /// A new queue of that client, committed.
  persistence::durable_queue create(const std::string& client);

  /// The queue as it is found on the disk.
  persistence::durable_queue find(persistence::queue_id queue);

  /// Puts a message with its body in it.
  persistence::entry_stub append(persistence::durable_queue& queue,
                                 const std::string& body,
                                 persistence::deadline expires
                                 = persistence::no_deadline);

  /// Sweeps and commits until there is nothing to be done.
  void sweep(std::size_t budget = 3);

  /// The committed records of one kind.
  [[nodiscard]] std::size_t records(persistence::record_kind kind) const;

  persistence::message_layout place;
  persistence::memory_store disk;
  std::unique_ptr<persistence::message_store> store;
  persistence::message_batch batch;
};

/// Remembers a window's messages.
struct window_log final : persistence::entry_sink {
  void on_entry(const persistence::entry_stub& stub,
                const persistence::entry_record& what) override;

  /// The bodies, and what erases them.
  std::vector<std::string> bodies;
  std::vector<std::string> headers;
  std::vector<persistence::entry_stub> stubs;
};

/// All bodies of a queue that a reader finds, in order.
[[nodiscard]] std::vector<std::string>
bodies_of(const persistence::message_reader& from,
          persistence::queue_id queue);

} // namespace hetzel::test
