#pragma once

#include "protocol/basic_types.hpp"
#include "protocol/delivery.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace hetzel::mqtt {

/// Deliveries of QoS 1 and 2 that were sent and are not settled: packet ids,
/// QoS state and order (MQTT 5, 4.3, 4.4 and 4.6). It outlives connections.
///
/// The exchanges stand in a ring in the order of their first sending. Packet
/// ids are given out in turn, 1 to 65,535, so the id of an exchange tells its
/// place: an acknowledgement in the usual order is found at once, any other by
/// bisection. A delivery that is stored has the id of its record instead; as
/// long as those do not come in turn, all are looked through. Empty, it owns no
/// memory; each exchange takes 48 bytes.
class outbound_flow {
public:
  /// What the client owes us next.
  enum class step : unsigned char {
    settled, ///< nothing: a hole that waits for older exchanges
    puback,
    pubrec,
    storing, ///< nothing: PUBREC came, PUBREL waits until that is stored
    pubcomp,
  };

  struct exchange {
    delivery item;
    /// Of the last sending on this connection; wraps after 49 days.
    std::uint32_t sent_at_ms = 0;
    packet_id id = 0;
    step awaits{};
  };

  outbound_flow() = default;
  outbound_flow(outbound_flow&& other) noexcept;
  outbound_flow& operator=(outbound_flow&& other) noexcept;
  ~outbound_flow();

  // -- window ---------------------------------------------------------------

  /// A new connection on which at most `window` exchanges may be open. What
  /// was sent on an earlier one becomes the backlog, which goes out first.
  void attach(std::uint16_t window) noexcept;

  /// Unsettled exchanges, the backlog included.
  [[nodiscard]] std::size_t size() const noexcept { return unsettled_; }
  [[nodiscard]] bool empty() const noexcept { return unsettled_ == 0; }

  /// How many new ones may be opened now. Zero while there is a backlog; also
  /// when the oldest exchange has seen 65,534 younger ones: its id is next.
  [[nodiscard]] std::size_t credit() const noexcept;

  /// The window has room; the next id may be in use all the same.
  [[nodiscard]] bool has_room() const noexcept {
    return !has_backlog() && open_ < window_;
  }

  /// Whether a delivery with the record `stored` may be opened now; zero:
  /// without one, that is `credit()` is above zero, in a few instructions.
  [[nodiscard]] bool can_open(std::uint64_t stored = 0) const noexcept {
    if (!has_room())
      return false;
    return stored == 0 ? used_ == 0 || at(0).id != next_id_
                       : !is_open(id_of(stored));
  }

  // -- sending --------------------------------------------------------------

  /// The id that `open` will give.
  [[nodiscard]] packet_id next_id(const delivery& item) const noexcept {
    return item.stored == 0 ? next_id_ : id_of(item.stored);
  }

  /// Takes over a delivery of QoS 1 or 2 that was just sent with its
  /// `next_id`. Precondition, asserted: `can_open(item.stored)`.
  void open(delivery&& item, std::uint32_t now_ms);

  /// The Packet Identifier of the delivery with that record.
  [[nodiscard]] static packet_id id_of(std::uint64_t stored) noexcept {
    return static_cast<packet_id>((stored - 1) % 65'535 + 1);
  }

  /// From a former life of the server: PUBREC came for that id, so PUBREL is to
  /// be sent. On no connection.
  void restore_released(packet_id id);

  [[nodiscard]] bool has_backlog() const noexcept { return sent_ != used_; }

  /// The next exchange to send again, or null: no backlog or no window. Then
  /// call `mark_resent`, or `settle` when it cannot be sent.
  [[nodiscard]] exchange* next_of_backlog() noexcept;
  void mark_resent(std::uint32_t now_ms) noexcept;

  /// Calls `resend(exchange&)` for what was sent on this connection at least
  /// `interval_ms` ago, oldest first. Returns the milliseconds until the next
  /// one is due; nullopt: nothing was sent.
  template <class Resend>
  std::optional<std::uint32_t>
  resend_due(std::uint32_t now_ms, std::uint32_t interval_ms, Resend&& resend);

  // -- acknowledgement ------------------------------------------------------

  /// The open exchange of that id, or null. Valid until the next change.
  [[nodiscard]] exchange* find(packet_id id) noexcept {
    // In the usual order it is the oldest one.
    return used_ != 0 && at(0).id == id ? &at(0) : search(id);
  }
  [[nodiscard]] bool is_open(packet_id id) const noexcept {
    return used_ != 0 && search(id) != nullptr;
  }

  /// PUBREC came: only PUBREL may be sent from now on [MQTT-4.3.3-5], unless
  /// that is to be stored at once.
  static void on_received(exchange& open, bool is_stored = true) noexcept {
    open.awaits = is_stored ? step::pubcomp : step::storing;
  }

  /// Ends an exchange that `find` or `next_of_backlog` returned; its id is
  /// free. Returns the delivery.
  delivery settle(exchange& open) noexcept;

  // -- teardown -------------------------------------------------------------

  /// Removes the unsettled deliveries for which `is_wanted(exchange)` holds
  /// and returns them in order. A QoS 2 delivery must not go to another client
  /// [MQTT-4.8.2-5].
  template <class Predicate>
  [[nodiscard]] std::vector<delivery> take_if(Predicate&& is_wanted);

  /// Removes all.
  [[nodiscard]] std::vector<delivery> take_all() {
    return take_if([](const exchange&) { return true; });
  }

private:
  [[nodiscard]] exchange& at(std::size_t index) const noexcept {
    return ring_[(head_ + index) & (capacity_ - 1)];
  }
  [[nodiscard]] std::size_t distance_from_front(packet_id id) const noexcept;
  [[nodiscard]] exchange* search(packet_id id) const noexcept;
  [[nodiscard]] exchange* bisect(std::size_t distance) const noexcept;
  [[nodiscard]] exchange* look_through(packet_id id) const noexcept;
  delivery close(std::size_t index) noexcept;
  void add(exchange&& last);
  void pop_front() noexcept;
  void drop_holes() noexcept;
  void make_room();
  void release() noexcept;
  void swap(outbound_flow& other) noexcept;

  exchange* ring_ = nullptr;
  std::uint32_t capacity_ = 8; // a power of two; without a ring, of the next
  std::uint32_t head_ = 0;
  std::uint32_t used_ = 0;      // exchanges in the ring, holes included
  std::uint32_t unsettled_ = 0; // of those, without holes
  std::uint32_t sent_ = 0;      // the front part sent on this connection
  std::uint32_t open_ = 0;      // of that part, without holes
  std::uint16_t window_ = 0;
  packet_id next_id_ = 1;
  bool is_in_turn_ = true; // the ids of the ring follow each other
};

template <class Resend>
std::optional<std::uint32_t>
outbound_flow::resend_due(std::uint32_t now_ms, std::uint32_t interval_ms,
                          Resend&& resend) {
  std::optional<std::uint32_t> next;
  for (std::size_t i = 0; i < sent_; ++i) {
    auto& open = at(i);
    if (open.awaits == step::settled || open.awaits == step::storing)
      continue;
    auto age = now_ms - open.sent_at_ms;
    if (age >= interval_ms) {
      resend(open);
      open.sent_at_ms = now_ms;
      age = 0;
    }
    next = std::min(next.value_or(interval_ms), interval_ms - age);
  }
  return next;
}

template <class Predicate>
std::vector<delivery> outbound_flow::take_if(Predicate&& is_wanted) {
  std::vector<delivery> taken;
  for (std::size_t i = 0; i < used_; ++i) {
    auto& open = at(i);
    if (open.awaits != step::settled && is_wanted(std::as_const(open)))
      taken.push_back(close(i));
  }
  drop_holes();
  return taken;
}

} // namespace hetzel::mqtt
