#pragma once

#include "persistence/errc.hpp"
#include "persistence/messages/ids.hpp"
#include "persistence/messages/record_key.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// Values of the message store (layout 1). Integers are little-endian, "v" is
/// a varint (LEB128, shortest form). Each value stands behind the checksum of
/// `record.hpp`. The byte `form` is 1; other ones are later versions'.
///
///   layout     u32 layout (1) | u16 shards | u16 shard
///   given out  form | u64 first number that was not given out
///   totals     form | v queues | v entries | v bytes | v references | v bodies
///   body       form | the bytes of the body
///   catalogue  form | u64 queue
///   name       form | v size, mountpoint | client id
///   session    form | u64 deadline | image of the session
///   ledger     form | v floor | v next | v count | v bytes
///   garbage    form | u64 sequence behind the last one to be swept
///   entry      u8 0x10 + 1 (body by reference) + 2 (expires)
///              | v count | v bytes: of the queue with this entry
///              | u64 deadline, if it expires
///              | v size, header
///              | the body, or: u64 body | u32 CRC-32C of it | v size of it
///   deadlines  nothing: all is in the key
///   mark       nothing: all is in the key
///
/// A deadline that is `no_deadline` is 2^63 - 1.

namespace hetzel::persistence {

inline constexpr std::uint32_t message_layout_version = 1;

struct message_layout {
  std::uint16_t shards = 1;
  std::uint16_t shard = 0;

  bool operator==(const message_layout&) const = default;
};

/// What stands in a shard, garbage that is not swept yet included.
struct message_totals {
  std::uint64_t queues = 0;
  std::uint64_t entries = 0;
  /// Headers and bodies of the entries, bodies by reference included.
  std::uint64_t bytes = 0;
  /// Entries whose body stands elsewhere.
  std::uint64_t references = 0;
  std::uint64_t bodies = 0;

  bool operator==(const message_totals&) const = default;
};

/// What a queue holds: everything with `floor <= sequence < next` that was not
/// erased.
struct queue_ledger {
  sequence floor{1};
  sequence next{1};
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;

  bool operator==(const queue_ledger&) const = default;
};

/// Names a body that stands in a record of its own. The checksum keeps another
/// body from ever being taken for it, as when parts of two copies are mixed.
struct body_reference {
  body_id id = body_id::none;
  std::uint32_t check = 0;
  std::uint32_t size = 0;

  bool operator==(const body_reference&) const = default;
};

/// A message of a queue. Views into what it was read from, or of the caller.
struct entry_record {
  /// Whatever belongs to this message in this queue; the store does not look
  /// into it.
  std::string_view header = {};
  /// The body, when it has no other destination; else empty, and `reference`.
  std::string_view body = {};
  body_reference reference = {};
  deadline expires = no_deadline;

  [[nodiscard]] bool is_reference() const noexcept {
    return reference.id != body_id::none;
  }

  /// What it counts in limits: header and body.
  [[nodiscard]] std::uint32_t bytes() const noexcept {
    return static_cast<std::uint32_t>(
      header.size() + (is_reference() ? reference.size : body.size()));
  }

  bool operator==(const entry_record&) const = default;
};

/// An entry, and what its queue held with it.
struct stored_entry {
  entry_record what;
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;

  bool operator==(const stored_entry&) const = default;
};

struct session_record {
  /// What messaging knows of the session, in a format of its own.
  std::string image;
  /// When the session ends; none while it has a connection, or for ever.
  deadline expires = no_deadline;

  bool operator==(const session_record&) const = default;
};

/// Each appends to `out`.
void encode(std::string& out, const message_layout& what);
void encode(std::string& out, const message_totals& what);
void encode(std::string& out, const queue_ledger& what);
void encode(std::string& out, const stored_entry& what);
void encode(std::string& out, const queue_name& what);
void encode_session(std::string& out, std::string_view image, deadline expires);
/// Of a value that is one number: given out, catalogue, garbage.
void encode_number(std::string& out, std::uint64_t what);
void encode_body(std::string& out, std::string_view bytes);

/// Each answers `corrupt` for what no version of this program wrote, and
/// `newer_layout` for a form that is not known. Views point into `value`.
[[nodiscard]] expected<message_layout, errc>
decode_message_layout(std::string_view value);
[[nodiscard]] expected<message_totals, errc>
decode_totals(std::string_view value);
[[nodiscard]] expected<queue_ledger, errc>
decode_ledger(std::string_view value);
[[nodiscard]] expected<stored_entry, errc> decode_entry(std::string_view value);
[[nodiscard]] expected<queue_name, errc> decode_name(std::string_view value);
[[nodiscard]] expected<session_record, errc>
decode_session(std::string_view value);
[[nodiscard]] expected<std::uint64_t, errc>
decode_number(std::string_view value);
[[nodiscard]] expected<std::string_view, errc>
decode_body(std::string_view value);

/// Names a body that has these bytes.
[[nodiscard]] body_reference reference_to(body_id id, std::string_view bytes);

} // namespace hetzel::persistence
