#pragma once

#include "persistence/messages/body_counts.hpp"
#include "persistence/messages/message_batch.hpp"
#include "persistence/messages/record_value.hpp"
#include "persistence/write_batch.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace hetzel::persistence {

/// What a shard keeps beside its records, as it will be once the batch that is
/// being encoded is on the disk.
struct shard_state {
  message_totals totals;
  /// Numbers of bodies and queues below this one are given out, or set aside
  /// to be; never again after a restart.
  std::uint64_t given_out = 1;
  /// Where the search for references has come to.
  entry_key marked;

  bool operator==(const shard_state&) const = default;
};

/// How many numbers are set aside at once. A run that uses them up sets the
/// next ones aside long before.
inline constexpr std::uint64_t numbers_set_aside = std::uint64_t{1} << 32;

/// Turns a message batch into records. One for each attempt, since what a
/// batch means for the bodies depends on what was found of them meanwhile.
class batch_encoder {
public:
  /// Stages in `counts` what becomes of the bodies.
  batch_encoder(const message_batch& batch, body_counts& counts,
                unsigned shard, const shard_state& before);

  /// Puts the records into `out`.
  void encode(write_batch& out);

  [[nodiscard]] const shard_state& after() const noexcept { return after_; }

  /// Garbage was added.
  [[nodiscard]] bool makes_garbage() const noexcept { return garbage_; }

  /// More numbers are set aside: those must not come back after a power loss.
  [[nodiscard]] bool must_sync() const noexcept { return must_sync_; }

  /// For the shards of other bodies, once this is on the disk.
  [[nodiscard]] std::vector<reference_change>& changes() noexcept {
    return changes_;
  }

  /// Bodies erased because the last reference went.
  [[nodiscard]] std::uint64_t erased_bodies() const noexcept {
    return erased_bodies_;
  }

private:
  void stage(const operation& what);
  void release(const operation& what, bool was_found);
  void touch(queue_id queue);
  void use_number(std::uint64_t number);

  void write(const operation& what, bool was_tried);
  void write_body(const operation& what, bool was_tried);
  void write_queue(const operation& what);
  void erase_queue(const operation& what);
  void write_session(const operation& what);
  void put_entry(const operation& what);
  void erase_entry(const operation& what, bool was_counted);
  void write_ledger(const operation& what);
  void write_gone_bodies();
  void write_shard_state();

  void put(std::string_view key, std::string_view value) {
    out_->put(key, value);
  }
  void put_number(std::string_view key, std::uint64_t value);

  const message_batch& batch_;
  body_counts& counts_;
  unsigned shard_;
  shard_state before_;
  shard_state after_;
  bool garbage_ = false;
  bool must_sync_ = false;
  std::uint64_t erased_bodies_ = 0;
  std::vector<reference_change> changes_;
  // Of each ledger in the batch: whether its queue changes on the disk.
  std::vector<bool> touched_;
  std::string value_;
  write_batch* out_ = nullptr;
};

} // namespace hetzel::persistence
