#pragma once

#include "actors/messaging/storage/expired_messages.hpp"
#include "actors/messaging/storage/store_writer.hpp"
#include "actors/messaging/subscriber_key.hpp"
#include "actors/runtime/handle_slot.hpp"
#include "persistence/key_value_store.hpp"
#include "persistence/messages/message_store.hpp"
#include "protocol/basic_types.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hetzel::messaging {

/// Counted since the start, over all shards.
struct disk_counters {
  std::atomic<std::uint64_t> commits{0};
  std::atomic<std::uint64_t> failed_commits{0};
  std::atomic<std::uint64_t> operations{0};
  std::atomic<std::uint64_t> windows{0};
  std::atomic<std::uint64_t> refused{0}; ///< messages, while it was failing
  std::atomic<std::uint64_t> lost{0};    ///< messages; see `loaded_window`
};

/// How a shard does, and since when.
struct disk_health {
  persistence::errc failure = persistence::errc::none;
  /// Since it began to fail, or works again, or was opened.
  std::chrono::seconds unchanged_for{0};
};

/// The durable messages of a node: its shards and who writes them. Owns the
/// stores, no actor; outlives the writers and the queues.
class message_disk {
public:
  using stores = std::vector<std::unique_ptr<persistence::key_value_store>>;

  /// `stores` are the node's shards in their order, at least one and at most
  /// `persistence::shard_count_max`. The error is a sentence.
  [[nodiscard]] static mqtt::expected<std::unique_ptr<message_disk>,
                                      std::string>
  open(stores shards);

  message_disk(const message_disk&) = delete;
  message_disk& operator=(const message_disk&) = delete;
  ~message_disk();

  [[nodiscard]] std::size_t shard_count() const noexcept {
    return shards_.size();
  }

  /// Where the queue of a subscriber is.
  [[nodiscard]] std::size_t shard_of(const subscriber_key& key) const noexcept;

  /// For that shard's writer only, who holds `guard` meanwhile, and before it
  /// starts.
  [[nodiscard]] persistence::message_store& shard(std::size_t number) {
    return *shards_[number].messages;
  }

  /// One that was killed may be at its last commit when the next has started.
  [[nodiscard]] std::mutex& guard(std::size_t number) {
    return shards_[number].guard;
  }

  /// While it lives no shard is written, and none is in the midst of a commit:
  /// snapshots that are taken then are what a kill at that moment would leave.
  /// Waits for the commits that are under way; for a moment only, and not in a
  /// reactor. From any thread.
  using stillness = std::vector<std::unique_lock<std::mutex>>;
  [[nodiscard]] stillness hold_still();

  /// The store under a shard. From any thread.
  [[nodiscard]] const persistence::key_value_store&
  records(std::size_t number) const {
    return *shards_[number].records;
  }

  /// Safe from any thread.
  [[nodiscard]] persistence::queue_id allocate_queue(std::size_t number) {
    return shards_[number].messages->allocate_queue();
  }
  [[nodiscard]] persistence::body_id allocate_body(std::size_t number) {
    return shards_[number].bodies.next();
  }

  /// That body was given out by this process: who refers to it and does not
  /// find it is before it.
  [[nodiscard]] bool is_to_come(persistence::body_id body) const noexcept {
    return persistence::ordinal(body)
           >= shards_[persistence::shard_of(body)].messages->first_id();
  }

  /// What that shard's writer has not written: kept for the one that comes
  /// after it.
  [[nodiscard]] persistence::message_batch& owed(std::size_t number) {
    return shards_[number].owed;
  }

  /// The actor that writes it now; null before its supervisor runs.
  [[nodiscard]] runtime::handle_slot<store_writer>&
  writer(std::size_t number) {
    return shards_[number].writer;
  }

  /// The store does not take what it is given; `none` when it does. New
  /// messages are refused meanwhile.
  [[nodiscard]] persistence::errc failure(std::size_t number) const noexcept {
    return shards_[number].failure.load(std::memory_order_relaxed);
  }
  void set_failure(std::size_t number, persistence::errc code,
                   mqtt::time_point now
                   = std::chrono::steady_clock::now()) noexcept;
  [[nodiscard]] disk_health health(std::size_t number,
                                   mqtt::time_point now
                                   = std::chrono::steady_clock::now())
    const noexcept;

  /// That shard has found all references to bodies, and told so. True when all
  /// have, for at least one call of each.
  [[nodiscard]] bool note_marked(std::size_t number) noexcept;

  [[nodiscard]] disk_counters& counters() noexcept { return counters_; }

  /// A queue could not be told now what expired: the shard's writer looks for
  /// all of it again. From any thread.
  void tell_again(std::size_t number) noexcept {
    shards_[number].tells_again.store(true, std::memory_order_relaxed);
  }
  /// Whether that was asked for since the last call. For the writer.
  [[nodiscard]] bool take_tells_again(std::size_t number) noexcept {
    return shards_[number].tells_again.exchange(false,
                                                std::memory_order_relaxed);
  }

  /// Who is told what expired; null: nobody, and it stays. Outlives the
  /// writers. Once its queues are there: each message is told of once a while.
  std::atomic<expiry_listener*> listener{nullptr};

private:
  struct shard_place {
    explicit shard_place(std::unique_ptr<persistence::key_value_store> on,
                         std::unique_ptr<persistence::message_store> opened,
                         unsigned number);

    std::unique_ptr<persistence::key_value_store> records;
    std::unique_ptr<persistence::message_store> messages;
    persistence::body_id_source bodies;
    std::mutex guard;
    persistence::message_batch owed;
    std::atomic<persistence::errc> failure{persistence::errc::none};
    std::atomic<mqtt::time_point> changed{std::chrono::steady_clock::now()};
    std::atomic<int> marked{0};
    std::atomic<bool> tells_again{false};
    runtime::handle_slot<store_writer> writer;
  };

  message_disk() = default;

  std::deque<shard_place> shards_;
  disk_counters counters_;
};

} // namespace hetzel::messaging
