#pragma once

#include "persistence/messages/ids.hpp"
#include "persistence/messages/message_batch.hpp"
#include "persistence/messages/operation.hpp"
#include "persistence/messages/record_value.hpp"

namespace hetzel::persistence {

/// What a queue remembers of its part of the store: numbers its messages,
/// counts them, and makes the operations that keep the store in step. Nothing
/// of it reads or writes; the operations go into batches that are committed in
/// the order they were made in. At most one per queue at a time.
class durable_queue {
public:
  /// Of a queue that was found by `message_reader::ledger_of`, or a new one.
  explicit durable_queue(queue_id id, const queue_ledger& ledger = {})
    : id_(id), ledger_(ledger) {}

  /// Puts a message at the back.
  entry_stub append(message_batch& to, const entry_record& what);

  /// Takes a message away: acknowledged, expired, dropped or unreadable. Once
  /// for each.
  void erase(message_batch& to, const entry_stub& what);

  /// Takes all messages away; they are swept from the disk later.
  void clear(message_batch& to);

  /// Says that no message is left before `floor`, so that the next reader does
  /// not look there. Reaches the disk with the next change.
  void raise_floor(sequence floor) noexcept;

  [[nodiscard]] queue_id id() const noexcept { return id_; }

  /// Messages, and their headers and bodies; those in flight included.
  [[nodiscard]] std::uint64_t count() const noexcept { return ledger_.count; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return ledger_.bytes; }

  [[nodiscard]] const queue_ledger& ledger() const noexcept { return ledger_; }

private:
  queue_id id_;
  queue_ledger ledger_;
};

} // namespace hetzel::persistence
