#pragma once

#include "persistence/messages/ids.hpp"
#include "persistence/messages/record_key.hpp"
#include "persistence/messages/record_value.hpp"

#include <cstddef>
#include <cstdint>

namespace hetzel::persistence {

/// What one remembers of an entry, to erase it without reading it.
struct entry_stub {
  sequence at = sequence::none;
  /// `entry_record::bytes`.
  std::uint32_t bytes = 0;
  /// `body_id::none` when the body stands in the entry.
  body_id body = body_id::none;
  deadline expires = no_deadline;

  bool operator==(const entry_stub&) const = default;
};

/// That references of a body were found or are gone, said by the shard of the
/// entries to the shard of the body.
struct reference_change {
  body_id body = body_id::none;
  std::int32_t change = 0;
  /// Of one that is gone: the shard of the entry had reported it as found.
  bool was_found = false;

  bool operator==(const reference_change&) const = default;
};

/// One change of a `message_batch`, as it waits there.
struct operation {
  enum class what : std::uint8_t {
    /// Taken back before it was tried.
    nothing,
    put_body,
    change_references,
    create_queue,
    erase_queue,
    put_session,
    put_entry,
    erase_entry,
    /// An entry by reference that was taken back before it was tried.
    drop_reference,
    /// An entry that was taken back after a commit of it had failed.
    withdraw_entry,
    put_ledger,
    sweep_below,
    sweep_entry,
    finish_sweep,
    erase_orphan,
    forget_entry_deadline,
    forget_session_deadline,
    put_mark,
    erase_mark,
  };

  what kind = what::nothing;
  bool was_found = false;
  /// References of a body, or by how many they change.
  std::int32_t references = 0;
  /// What an entry counts.
  std::uint32_t entry_bytes = 0;
  /// Of the value or name, in the bytes of the batch; of a ledger its index.
  std::uint32_t size = 0;
  std::uint64_t offset = 0;
  entry_key entry;
  body_id body = body_id::none;
  deadline expires = no_deadline;
  /// Of the session that is replaced.
  deadline before = no_deadline;
  receive_mark mark;
};

struct entry_key_hash {
  // Says that the bits are spread well.
  using is_avalanching = void;

  [[nodiscard]] std::size_t operator()(const entry_key& key) const noexcept {
    auto bits = number(key.queue) * 0x9e3779b97f4a7c15ULL ^ number(key.at);
    bits = (bits ^ bits >> 32) * 0xd6e8feb86659fd93ULL;
    bits = (bits ^ bits >> 32) * 0xd6e8feb86659fd93ULL;
    return static_cast<std::size_t>(bits ^ bits >> 32);
  }
};

} // namespace hetzel::persistence
