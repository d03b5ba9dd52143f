#pragma once

#include "persistence/checkpoint.hpp"
#include "persistence/key_value_store.hpp"
#include "persistence/messages/batch_encoder.hpp"
#include "persistence/messages/body_counts.hpp"
#include "persistence/messages/message_batch.hpp"
#include "persistence/messages/message_reader.hpp"
#include "persistence/messages/message_sweep.hpp"
#include "persistence/store_options.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hetzel::persistence {

/// Counted since the shard was opened; `totals` is what stands in it.
struct message_statistics {
  message_totals totals;
  std::uint64_t commits = 0;
  std::uint64_t failed_commits = 0;
  /// Entries and bodies that were swept, bodies without a reference among them.
  std::uint64_t swept_entries = 0;
  std::uint64_t orphans = 0;
  /// Messages that were read and had no body, or a damaged one.
  std::uint64_t dangling = 0;
  std::uint64_t damaged = 0;
  /// Bodies erased with their last reference.
  std::uint64_t released_bodies = 0;
  /// Bodies whose references are counted in memory.
  std::uint64_t counted_bodies = 0;
  /// References have been looked for everywhere in this shard.
  bool marked = false;
  /// No body without a reference is left from before.
  bool settled = false;
};

/// One shard of the durable queues of a node, on a store of its own. A queue
/// with its messages stands in the shard that its owner chose for it; a body
/// that several queues refer to stands once in the node, in the shard that its
/// id names. The shards of a node are opened and closed together.
///
/// Pure but for the store: no thread, no clock. For one thread at a time, the
/// writer's; a `message_reader` on the same store may be used by others. All
/// calls block on the disk but those that say nothing of an error.
class message_store {
public:
  /// Opens the shard, or makes it in a store that is empty; looks at a handful
  /// of records, whatever there is. `wrong_shard` when it is another one of
  /// the node or the node had another number of them; `not_a_store` when there
  /// are records of something else. `store` must outlive this.
  [[nodiscard]] static expected<std::unique_ptr<message_store>, errc>
  open(key_value_store& store, const message_layout& place);

  // -- writing ---------------------------------------------------------------

  /// Makes the changes and empties the batch. An empty one with `synced` makes
  /// durable what was written before. After any other answer than `none` the
  /// batch is owed (`message_batch::is_owed`): it must be committed, with
  /// whatever was added, before another one.
  [[nodiscard]] errc commit(message_batch& batch, durability level);

  /// What was committed or found since the last call, for
  /// `message_batch::change_references` in the shards of the bodies. It must
  /// reach them in this order: a reference that is found and not told costs a
  /// body, and so messages. Only a start of all shards makes up for that.
  [[nodiscard]] std::vector<reference_change> take_changes();

  /// A number for `message_batch::create_queue`. From any thread.
  [[nodiscard]] queue_id allocate_queue() noexcept;

  /// The first number of a `body_id_source`.
  [[nodiscard]] std::uint64_t first_id() const noexcept { return first_id_; }

  // -- upkeep ----------------------------------------------------------------

  /// Looks at up to `budget` records for what is to be counted or swept, and
  /// adds it to `out`, which must be empty; commit that before the next call.
  [[nodiscard]] sweep_report sweep(std::size_t budget, message_batch& out);

  /// Whether a sweep would find something to do.
  [[nodiscard]] bool wants_sweep() const { return sweep_.has_work(counts_); }

  /// Says that all shards of the node are `sweep_report::marked`, and that
  /// all their changes were committed here. A shard that is alone settles by
  /// itself.
  void settle() noexcept { counts_.settle(); }

  // -- reading ---------------------------------------------------------------

  /// Where the bodies of all shards are, by the number of the shard; right
  /// after opening, and not needed for a shard that is alone. They must outlive
  /// this.
  void connect(std::vector<const reader*> shards);

  [[nodiscard]] const message_reader& read() const noexcept { return reader_; }

  /// `message_reader::read_window`, with what it missed counted.
  [[nodiscard]] window read_window(queue_id queue, const window_request& what,
                                   entry_sink& to);

  /// Copies the shard as it is now to `path`, where nothing may be: see
  /// `checkpoint`. Looks at `records` alone, so any thread may call it. The
  /// copies of a node's shards are one if they are made one after the other:
  /// what was acknowledged before the first is in them, unless its subscriber
  /// acknowledged it before the last.
  [[nodiscard]] expected<checkpoint_report, open_error>
  copy_to(const std::string& path) const;

  [[nodiscard]] message_statistics statistics() const;

private:
  message_store(key_value_store& store, const message_layout& place,
                const shard_state& found);

  void keep(batch_encoder& encoder, message_batch& batch);
  void skip_marking_without(const std::vector<const reader*>& shards);

  key_value_store& store_;
  message_layout place_;
  shard_state state_;
  std::uint64_t first_id_;
  std::atomic<std::uint64_t> next_queue_;
  body_counts counts_;
  message_sweep sweep_;
  message_reader reader_;
  write_batch records_;
  std::vector<reference_change> changes_;
  std::uint64_t attempts_ = 0;
  // The attempt that failed, if its batch is still owed.
  std::uint64_t owed_ = 0;
  message_statistics counted_;
};

/// How a store on disk is best run for a shard.
[[nodiscard]] store_options message_shard_options();

} // namespace hetzel::persistence
