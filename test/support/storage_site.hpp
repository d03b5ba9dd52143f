#pragma once

#include "actors/messaging/storage/journal.hpp"
#include "actors/messaging/storage/message_disk.hpp"
#include "persistence/memory_store.hpp"
#include "test/support/messaging_node.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

namespace hetzel::test {

/// A reactor's site with a message store in memory, and the test in the place
/// of keeper and writer: nothing is committed or read until it says so.
struct storage_site : messaging_site, messaging::journal_port {
  explicit storage_site(messaging::live_config config = open_config(),
                        std::size_t shards = 1);
  ~storage_site() override;

  /// Of the only reactor.
  [[nodiscard]] messaging::journal& journal() { return *local().storage; }

  /// What waits in the journal leaves, and all that left is committed; or
  /// fails with that code.
  void commit_all(persistence::errc code = persistence::errc::none);

  /// Ends the wait of those who got receipts.
  void settle();

  [[nodiscard]] messaging::loaded_window
  read(const messaging::window_query& query, std::size_t shard = 0);

  /// What stands in a shard.
  [[nodiscard]] persistence::message_totals totals(std::size_t shard = 0);

  void commit(std::size_t shard,
              messaging::commit_request_ptr request) override;
  void resend_later(std::size_t shard) override { lost.push_back(shard); }

  struct left_batch {
    std::size_t shard;
    messaging::batch_number number;
    messaging::commit_request_ptr request;
  };

  std::deque<left_batch> left;
  std::vector<std::size_t> lost;
  std::unique_ptr<messaging::message_disk> disk;
};

} // namespace hetzel::test
