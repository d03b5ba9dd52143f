#pragma once

#include "actors/messaging/index/queue_id.hpp"
#include "actors/messaging/storage/receipt.hpp"
#include "actors/messaging/type_ids.hpp"
#include "actors/runtime/reactor.hpp"
#include "persistence/key_value_store.hpp"
#include "persistence/messages/message_batch.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

namespace hetzel::messaging {

struct site;

/// Counts the batches that a reactor hands to a shard.
using batch_number = std::uint64_t;

/// What the journal's actor does for it.
class journal_port {
public:
  virtual ~journal_port() = default;

  /// Has the shard's writer commit it, then calls `journal::on_committed`, or
  /// `on_lost` when it does not answer.
  virtual void commit(std::size_t shard, commit_request_ptr request) = 0;

  /// Calls `journal::resend` in a while.
  virtual void resend_later(std::size_t shard) = 0;
};

/// What the queues of one reactor have for the message store, in one batch per
/// shard. It leaves when the reactor has nothing else to do, or has had no
/// rest for a while, and the one before it is committed: the busier the reactor
/// and the slower the store, the more goes into one commit, and the more
/// messages are acknowledged before they were written at all. Used by its
/// reactor's thread.
class journal final : public runtime::flushable {
public:
  /// How long a batch may wait while the reactor is busy, and how large it
  /// may grow while the reactor is busy or the one before it is under way.
  static constexpr std::chrono::milliseconds linger{2};
  static constexpr std::size_t batch_bytes_max = std::size_t{512} << 10;

  journal(site& local, std::size_t shards);
  ~journal() override;

  /// Where this reactor puts the bodies that queues share. Its batches leave
  /// before those of the others.
  [[nodiscard]] std::size_t body_shard() const noexcept;

  /// To add to: what comes now is of the batch `current(shard)`.
  [[nodiscard]] persistence::message_batch& batch(std::size_t shard);

  [[nodiscard]] batch_number current(std::size_t shard) const noexcept {
    return shards_[shard].number;
  }
  [[nodiscard]] batch_number committed(std::size_t shard) const noexcept {
    return shards_[shard].committed;
  }

  /// Lets go of it when the current batch is committed, which is synced if
  /// one of those who wait wants it. Null: nobody waits.
  void hold(std::size_t shard, receipt_ptr waits);

  /// Calls that queue's `on_committed` when the current batch is.
  void tell(std::size_t shard, queue_id queue);

  /// The current batch, if any, leaves now, behind the bodies.
  void send(std::size_t shard);

  /// The actor begins and ends. What was sent by an earlier one goes out again:
  /// nobody knows what became of it.
  void attach(journal_port& port);
  void detach(const journal_port& port) noexcept {
    if (port_ == &port)
      port_ = nullptr;
  }

  void on_committed(std::size_t shard, batch_number number,
                    persistence::errc code);

  /// Nobody knows what became of it. It is sent again, and all behind it in
  /// their order: to commit one twice does no harm.
  void on_lost(std::size_t shard);
  void resend(std::size_t shard);

  void flush() override;

  // -- for describe ----------------------------------------------------------

  [[nodiscard]] std::size_t under_way() const noexcept;
  [[nodiscard]] batch_number batches() const noexcept;

private:
  struct open_batch {
    std::shared_ptr<const persistence::message_batch> batch;
    batch_number number = 0;
    persistence::durability level = persistence::durability::written;
    std::vector<receipt_ptr> receipts;
    std::vector<queue_id> queues;
  };

  struct shard_state {
    std::shared_ptr<persistence::message_batch> batch; // null: nothing yet
    mqtt::time_point began;
    batch_number number = 1;
    batch_number committed = 0;
    bool is_synced = false; ///< `batch` is to be
    std::vector<receipt_ptr> receipts;
    std::vector<queue_id> queues;
    std::deque<open_batch> under_way;
    bool is_lost = false; ///< none of those may be answered
  };

  void leave_soon(shard_state& of);
  [[nodiscard]] static bool may_grow(const shard_state& of) noexcept;
  [[nodiscard]] persistence::durability level_of(shard_state& leaving) const;
  void send_batch(std::size_t shard);
  void commit(std::size_t shard, const open_batch& one, bool is_anew);
  void finish(open_batch done, persistence::errc code);

  site& local_;
  journal_port* port_ = nullptr;
  std::vector<shard_state> shards_;
};

} // namespace hetzel::messaging
