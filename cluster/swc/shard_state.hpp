#pragma once

#include "cluster/swc/pending_records.hpp"
#include "cluster/swc/shard_image.hpp"
#include "cluster/swc/unstripped_keys.hpp"
#include "persistence/write_batch.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hetzel::cluster {

/// What a replica knows, in memory ahead of the store: every change is seen
/// here at once and gathered in a batch, which `seal` closes. One batch holds
/// everything that belongs together: records, dot-key map, clock columns,
/// floor, rows. Reads fall through to the store for what is not pending.
///
/// The store must have all sealed batches, in order, when the next one like
/// this is made from it. Its functions throw `store_failure`.
class shard_state {
public:
  /// How many keys that became strippable a batch takes along.
  static constexpr std::size_t strips_per_batch = 1000;

  /// The store outlives this.
  shard_state(const persistence::reader& store, shard_no shard);

  // -- reading ---------------------------------------------------------------

  /// As stored: stripped. Empty for an absent key.
  [[nodiscard]] container load(std::string_view key) const;

  /// Of records with from <= key < to, ascending.
  [[nodiscard]] std::vector<std::string>
  keys(std::string_view from, const std::optional<std::string>& to) const;

  /// What is below the pending batches.
  [[nodiscard]] const persistence::reader& store() const noexcept {
    return store_;
  }
  [[nodiscard]] const shard_image& image() const noexcept { return image_; }
  [[nodiscard]] const node_clock& clock() const noexcept {
    return image_.clock;
  }
  [[nodiscard]] const version_vector& base() const noexcept { return base_; }

  /// About how many entries the dot-key map has.
  [[nodiscard]] std::size_t dots() const noexcept { return dots_; }
  /// How many records have a context.
  [[nodiscard]] std::size_t contexts() const noexcept {
    return unstripped_.size();
  }
  /// The largest counter of the actor in a context of a record. Reads all
  /// records that have one.
  [[nodiscard]] std::uint64_t last_in_contexts(actor_id actor) const;

  /// Dots of the actor in the dot-key map of the store with
  /// first <= counter <= last, at most `count`.
  [[nodiscard]] std::vector<std::uint64_t>
  dots_of(actor_id actor, counter_run run, std::size_t count) const;

  // -- changes ---------------------------------------------------------------

  /// Replaces the record of a key; `before` is what `load` gave. Strips.
  void store(std::string_view key, const container& before,
             container after);

  /// The event of the dot on the key is incorporated.
  void enter(dot id, std::string_view key);
  /// The same where nobody will ever ask for the dot: instead of in the map
  /// it is below the floor. Falls back to `enter` if the floor is not there.
  void enter_below_floor(dot id, std::string_view key);
  /// A live version was replaced: its dot need not be found any more.
  void subsume(dot id);

  void unite(const node_clock& clock);
  void unite(actor_id actor, const dot_set& dots);
  void add_voids(const void_set& voids);

  void raise_floor(const version_vector& floor);
  /// Drops these dots of the map; all of the actor up to `last` are gone then.
  void sweep(actor_id actor, const std::vector<std::uint64_t>& counters,
             std::uint64_t last);

  /// Whether that raised anything.
  bool raise_row(store_id member, const version_vector& row);
  void drop_row(store_id member);
  void close(actor_id actor);

  // -- commits ---------------------------------------------------------------

  [[nodiscard]] bool has_changes() const;
  /// Whether there are more keys to strip than the last batch took along.
  [[nodiscard]] bool has_due() const noexcept {
    return unstripped_.has_due();
  }

  struct sealed {
    ticket number = 0;
    persistence::write_batch batch;
    /// The columns of the clock that changed.
    std::vector<actor_id> columns;
  };
  [[nodiscard]] sealed seal();

  /// The store has all batches up to this one.
  void committed(ticket last) { pending_.committed(last); }

private:
  void touch(actor_id actor);
  void strip_due();
  void write_rows();

  const persistence::reader& store_;
  shard_no shard_;
  shard_image image_;
  version_vector base_;
  unstripped_keys unstripped_;
  std::size_t dots_ = 0;
  pending_records pending_;
  ticket next_ = 1;
  persistence::write_batch batch_;
  // What `seal` has yet to write.
  std::set<actor_id> columns_;
  std::set<actor_id> voids_;
  std::set<store_id> rows_;
  bool floor_moved_ = false;
};

} // namespace hetzel::cluster
