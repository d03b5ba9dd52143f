#pragma once

#include "protocol/basic_types.hpp"

#include <cstddef>
#include <cstdint>

namespace hetzel::mqtt {

/// PUBLISH packets of QoS 1 and 2 that the client sent: the QoS 2 packet ids
/// that are not released (they outlive connections, MQTT 5, 4.1), and how many
/// PUBLISH of this connection wait for our answer (4.9).
///
/// The ids stand in a hash table, at most 65,536 entries of four bytes. Empty,
/// it owns no memory.
class inbound_flow {
public:
  enum class verdict : unsigned char {
    route,      ///< new: hand it on; `complete` follows
    in_routing, ///< seen, its routing has not come to an end: answer nothing
    answer,     ///< seen and routed: PUBREC again [MQTT-4.3.3-10]
    over_limit, ///< more than we said we would take [MQTT-3.3.4-7]
  };

  enum class release_verdict : unsigned char {
    released,   ///< `finish_release` follows, then PUBCOMP
    in_release, ///< seen, `finish_release` has not come: answer nothing
    unknown,
    premature, ///< PUBREL before our PUBREC: the client's fault
  };

  inbound_flow() = default;
  inbound_flow(inbound_flow&& other) noexcept;
  inbound_flow& operator=(inbound_flow&& other) noexcept;
  ~inbound_flow();

  /// A new connection, on which we take `receive_maximum` PUBLISH of QoS 1 and
  /// 2 that are not answered to the end.
  void attach(std::uint16_t receive_maximum) noexcept;

  /// The connection has ended, and nobody completes what is in routing but
  /// what is being stored: those ids are free, and a repeated PUBLISH is
  /// routed.
  void detach();

  /// A QoS 1 PUBLISH came: `route` or `over_limit`.
  [[nodiscard]] verdict receive_qos_1() noexcept;

  /// PUBACK is due for one of them.
  void complete_qos_1() noexcept;

  /// A QoS 2 PUBLISH came. Precondition: `id` is not zero.
  [[nodiscard]] verdict receive_qos_2(packet_id id);

  /// Its routing has ended. Accepted, its id stays until PUBREL; refused, it
  /// is free. Returns whether PUBREC is due on this connection: not when the
  /// PUBLISH came on an earlier one and was not repeated yet.
  bool complete_qos_2(packet_id id, bool accepted) noexcept;

  /// Its message is being stored, which goes on without the connection; it is
  /// completed by whoever hears of the outcome. Or (false) that was heard.
  void set_in_store(packet_id id, bool on) noexcept;

  /// PUBREL came.
  [[nodiscard]] release_verdict release(packet_id id) noexcept;

  /// The id is free. False when it was not being released.
  bool finish_release(packet_id id) noexcept;

  /// From a former life of the server: received and not released. Whether it
  /// was routed to everybody is not known, so a repeated PUBLISH is routed
  /// again; PUBREL releases it all the same. On no connection.
  void restore(packet_id id);

  /// QoS 2 ids that wait for PUBREL.
  [[nodiscard]] std::size_t unreleased() const noexcept { return count_; }

  /// PUBLISH of this connection that wait for PUBACK, or for PUBCOMP or a
  /// refusing PUBREC.
  [[nodiscard]] std::size_t unanswered() const noexcept { return unanswered_; }

private:
  struct entry {
    packet_id id = 0; // 0: free
    bool in_routing : 1 = false;
    bool in_store : 1 = false;
    bool in_release : 1 = false;
    bool is_restored : 1 = false;
    bool is_counted : 1 = false; // came on this connection
  };

  [[nodiscard]] std::uint32_t home_of(packet_id id) const noexcept;
  [[nodiscard]] entry* find(packet_id id) const noexcept;
  [[nodiscard]] bool count_one() noexcept;
  entry& insert(packet_id id);
  void erase(entry& gone) noexcept;
  void grow();
  void swap(inbound_flow& other) noexcept;

  entry* table_ = nullptr;
  std::uint32_t capacity_ = 0; // a power of two, or 0
  std::uint32_t count_ = 0;
  std::uint32_t unanswered_ = 0;
  std::uint16_t receive_maximum_ = 0;
};

} // namespace hetzel::mqtt
