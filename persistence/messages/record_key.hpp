#pragma once

#include "persistence/errc.hpp"
#include "persistence/messages/ids.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Keys of the message store (layout 1). A letter says what the record is;
/// integers are big-endian, so that the order of keys is that of numbers:
///
///   bytes  key of
///   '!'                                    the layout
///   '#'                                    the numbers that are given out
///   '$'                                    the totals
///   'b' u64 body                           a body
///   'c' u16 size, mountpoint, client id    a queue by its subscriber
///   'd' u64 deadline, u64 queue, u64 seq.  a message that expires
///   'e' u64 queue, u64 sequence            an entry: a message of a queue
///   'g' u64 queue                          what is to be swept of a queue
///   'l' u64 queue                          the ledger of a queue
///   'm' u64 sender, u64 id, u64 receiver    who has a message that may be
///                                           published again
///   'q' u64 queue                          the subscriber of a queue
///   's' u64 queue                          the session of a queue
///   'x' u64 deadline, u64 queue            a session that expires
///
/// `record_value.hpp` says what stands under them.

namespace hetzel::persistence {

enum class record_kind : char {
  layout = '!',
  given_out = '#',
  totals = '$',
  body = 'b',
  catalogue = 'c',
  entry_deadline = 'd',
  entry = 'e',
  garbage = 'g',
  ledger = 'l',
  mark = 'm',
  name = 'q',
  session = 's',
  session_deadline = 'x',
};

/// That a durable queue has a message that may be published again, as a PUBLISH
/// of QoS 2 that its sender repeats. Written with the message, so that it is
/// never received twice; the numbers are the owner's.
struct receive_mark {
  std::uint64_t sender = 0;
  std::uint64_t id = 0;
  std::uint64_t receiver = 0;

  auto operator<=>(const receive_mark&) const = default;
};

/// The key of anything but a catalogue entry, without an allocation.
class record_key {
public:
  explicit record_key(record_kind kind) noexcept {
    bytes_[0] = static_cast<char>(kind);
  }

  record_key(record_kind kind, queue_id queue) noexcept : record_key(kind) {
    append(number(queue));
  }

  explicit record_key(body_id body) noexcept : record_key(record_kind::body) {
    append(number(body));
  }

  explicit record_key(const entry_key& entry) noexcept
    : record_key(record_kind::entry) {
    append(number(entry.queue));
    append(number(entry.at));
  }

  record_key(deadline when, const entry_key& entry) noexcept
    : record_key(record_kind::entry_deadline) {
    append(count_of(when));
    append(number(entry.queue));
    append(number(entry.at));
  }

  record_key(deadline when, queue_id queue) noexcept
    : record_key(record_kind::session_deadline) {
    append(count_of(when));
    append(number(queue));
  }

  explicit record_key(const receive_mark& mark) noexcept
    : record_key(record_kind::mark) {
    append(mark.sender);
    append(mark.id);
    append(mark.receiver);
  }

  [[nodiscard]] std::string_view view() const noexcept {
    return {bytes_.data(), size_};
  }

  operator std::string_view() const noexcept { return view(); }

private:
  static std::uint64_t count_of(deadline when) noexcept {
    return static_cast<std::uint64_t>(when.time_since_epoch().count());
  }

  void append(std::uint64_t value) noexcept {
    for (int shift = 56; shift >= 0; shift -= 8)
      bytes_[size_++] = static_cast<char>(
        static_cast<unsigned char>(value >> shift));
  }

  std::array<char, 25> bytes_{};
  std::size_t size_ = 1;
};

/// Whose queue it is. The mountpoint is at most 65,535 bytes.
struct queue_name {
  std::string mountpoint;
  std::string client_id;

  auto operator<=>(const queue_name&) const = default;
};

[[nodiscard]] std::string catalogue_key(const queue_name& name);

/// The key of one kind with the numbers that it must have, or
/// `errc::corrupt`. The inverse of the constructors above.
[[nodiscard]] expected<body_id, errc> parse_body_key(std::string_view key);
[[nodiscard]] expected<entry_key, errc> parse_entry_key(std::string_view key);
[[nodiscard]] expected<queue_id, errc> parse_queue_key(record_kind kind,
                                                       std::string_view key);
[[nodiscard]] expected<queue_name, errc>
parse_catalogue_key(std::string_view key);

struct entry_expiry {
  deadline when;
  entry_key entry;

  auto operator<=>(const entry_expiry&) const = default;
};

struct session_expiry {
  deadline when;
  queue_id queue = queue_id::none;

  auto operator<=>(const session_expiry&) const = default;
};

[[nodiscard]] expected<receive_mark, errc>
parse_mark_key(std::string_view key);
[[nodiscard]] expected<entry_expiry, errc>
parse_entry_deadline_key(std::string_view key);
[[nodiscard]] expected<session_expiry, errc>
parse_session_deadline_key(std::string_view key);

} // namespace hetzel::persistence
