#pragma once

#include "persistence/errc.hpp"
#include "persistence/messages/body_counts.hpp"
#include "persistence/messages/ids.hpp"
#include "persistence/messages/message_batch.hpp"
#include "persistence/messages/record_value.hpp"
#include "persistence/reader.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hetzel::persistence {

/// What a bounded step of sweeping came to.
struct sweep_report {
  /// Records that were looked at.
  std::size_t examined = 0;
  /// All references of this shard were found; it has told so, or just did.
  bool marked = false;
  /// There is nothing to do until garbage is made, or `settle` is called.
  bool idle = false;
  /// A record could not be read. That part of the sweep stands still until the
  /// next start; nothing is erased that may be needed.
  errc status = errc::none;
};

/// Goes through a shard in bounded steps, in three walks:
///
/// 1. *Marking* finds the references that entries of before hold, once.
/// 2. *Garbage* erases the messages of queues that were cleared or erased.
/// 3. *Orphans* erases the bodies of before that nothing refers to, once all
///    shards are marked.
///
/// No snapshot is held from one step to the next.
class message_sweep {
public:
  message_sweep(const reader& records, const message_layout& place,
                std::uint64_t first_new)
    : records_(records), place_(place), first_new_(first_new) {}

  /// `out` must be empty, and what it held before be committed.
  [[nodiscard]] sweep_report step(std::size_t budget, body_counts& counts,
                                  message_batch& out);

  /// Whether a step would find something to do.
  [[nodiscard]] bool has_work(const body_counts& counts) const;

  /// References of bodies in other shards that were found.
  [[nodiscard]] std::vector<reference_change> take_found();

  void expect_garbage() noexcept { garbage_waits_ = true; }

  /// No entry has a reference to a body that is there.
  void skip_marking() noexcept;

  /// References of entries before this one were found.
  [[nodiscard]] entry_key marked() const noexcept { return marked_; }
  [[nodiscard]] bool is_marked() const noexcept;
  [[nodiscard]] bool is_settled() const noexcept { return orphans_done_; }

  [[nodiscard]] std::uint64_t swept_entries() const noexcept {
    return swept_entries_;
  }
  [[nodiscard]] std::uint64_t orphans() const noexcept { return orphans_; }

private:
  [[nodiscard]] std::size_t left() const noexcept {
    return budget_ - report_.examined;
  }

  void mark(body_counts& counts);
  errc mark_entry(const cursor& at, body_counts& counts);
  void sweep_garbage(message_batch& out);
  bool sweep_queue(queue_id queue, sequence behind_last, message_batch& out);
  void sweep_orphans(body_counts& counts, message_batch& out);

  const reader& records_;
  message_layout place_;
  std::uint64_t first_new_;

  entry_key marked_;
  bool marking_fails_ = false;

  // Garbage may be there from before. The walk goes round while more comes.
  bool garbage_waits_ = true;
  bool in_garbage_ = false;
  entry_key garbage_;
  bool garbage_fails_ = false;

  body_id orphan_ = body_id::none;
  bool orphans_done_ = false;
  bool orphans_fail_ = false;

  std::size_t budget_ = 0;
  sweep_report report_;
  std::vector<reference_change> found_;
  std::uint64_t swept_entries_ = 0;
  std::uint64_t orphans_ = 0;
};

} // namespace hetzel::persistence
