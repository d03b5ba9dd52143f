#pragma once

#include "persistence/messages/ids.hpp"
#include "persistence/messages/operation.hpp"
#include "persistence/messages/record_value.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hetzel::persistence {

/// Changes of a shard that `message_store::commit` makes together or not at
/// all. Made anywhere and appended to each other on the way to the writer; no
/// operation reads anything. Order counts, as between a put and its erase.
///
/// What comes and goes within one batch never reaches the disk: an entry that
/// is erased before it was written takes the put with it, its body as well
/// when that was the last reference, and a session or ledger that is put again
/// replaces the earlier one. Hence a message that was acknowledged before the
/// group commit costs no write.
///
/// For one thread at a time. Keeps its memory when it is cleared.
class message_batch {
public:
  // -- bodies ----------------------------------------------------------------

  /// A body that `references` entries of any shards will name, in a batch of
  /// the shard of `id`, which must reach its writer before the batches with
  /// the entries do. `id` is from the shard's `body_id_source`.
  body_reference put_body(body_id id, std::string_view bytes,
                          std::uint32_t references);

  /// What `message_store::take_changes` of another shard gave.
  void change_references(const reference_change& change);

  // -- queues ----------------------------------------------------------------

  /// `id` is from `message_store::allocate_queue`, and nobody has a queue of
  /// that name.
  void create_queue(queue_id id, const queue_name& name);

  /// With all that belongs to it; its messages are swept later. `expires` is
  /// what the session was put with last.
  void erase_queue(queue_id id, const queue_name& name, deadline expires);

  /// `expires` of the image that this one replaces is `before`.
  void put_session(queue_id id, std::string_view image, deadline expires,
                   deadline before = no_deadline);

  // -- entries: what `durable_queue` makes -----------------------------------

  void put_entry(const entry_key& key, const stored_entry& entry);
  void erase_entry(queue_id queue, const entry_stub& entry);
  /// Written only when something else of the queue's entries is.
  void put_ledger(queue_id queue, const queue_ledger& ledger);
  /// Everything before `behind` is garbage.
  void sweep_below(queue_id queue, sequence behind);

  // -- QoS 2 -----------------------------------------------------------------

  void put_mark(const receive_mark& mark);
  void erase_mark(const receive_mark& mark);

  // -- upkeep: what sweeping finds -------------------------------------------

  void sweep_entry(queue_id queue, const entry_stub& entry);
  void finish_sweep(queue_id queue);
  void erase_orphan(body_id id);
  void forget_deadline(const entry_expiry& what);
  void forget_deadline(const session_expiry& what);

  // -- the batch itself ------------------------------------------------------

  /// Adds what `later` holds; that one must not have been tried yet.
  void append(const message_batch& later);

  /// Precondition: not owed.
  void clear() noexcept;

  [[nodiscard]] bool empty() const noexcept { return live_ == 0; }

  /// Operations that are left, and about what they take in memory and log.
  [[nodiscard]] std::size_t count() const noexcept { return live_; }
  [[nodiscard]] std::size_t size_bytes() const noexcept { return size_bytes_; }

  /// A commit of it failed: it may have reached the disk or not, and must be
  /// committed before anything else. More may be added meanwhile; to give a
  /// message up, erase its entry.
  [[nodiscard]] bool is_owed() const noexcept { return tried_ != 0; }

private:
  friend class batch_encoder;
  friend class message_store;

  /// The operations of a queue that a later one replaces.
  struct latest {
    std::uint32_t ledger = none;
    std::uint32_t session = none;
  };

  static constexpr std::uint32_t none = UINT32_MAX;

  void add(operation what, std::string_view bytes);
  void push(const operation& what);
  void remove(operation& put);
  bool replace_session(latest& known, operation what, std::string_view bytes);
  bool take_back(const operation& erase);
  void index_puts();
  [[nodiscard]] std::uint64_t keep(std::string_view bytes);
  [[nodiscard]] std::string_view bytes_of(const operation& what) const;

  /// After a failed commit; what is there cannot be unmade any more.
  void mark_tried(std::uint64_t serial) noexcept;
  void mark_written() noexcept;

  std::vector<operation> operations_;
  std::string bytes_;
  std::vector<queue_ledger> ledgers_;
  boost::unordered_flat_map<std::uint64_t, latest> latest_;
  // Puts by their keys, up to the operation `indexed_`: made when the first
  // erase asks for it.
  boost::unordered_flat_map<entry_key, std::uint32_t, entry_key_hash> puts_;
  std::size_t indexed_ = 0;
  std::size_t live_ = 0;
  std::size_t size_bytes_ = 0;
  // How many operations a failed commit has tried, and which commit that was.
  std::size_t tried_ = 0;
  std::uint64_t serial_ = 0;
};

} // namespace hetzel::persistence
