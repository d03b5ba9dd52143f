#pragma once

#include "protocol/packet.hpp"
#include "protocol/property_rules.hpp"

#include <cstdint>
#include <deque>
#include <random>
#include <string>

namespace hetzel::test {

/// Makes valid packets of every type and version, all from one seed. Owns the
/// bytes that its packets view; they live until `clear` or the end.
class packet_generator {
public:
  explicit packet_generator(std::uint32_t seed) : random_(seed) {}

  /// A packet that `version` can say, with nothing in it that it cannot.
  [[nodiscard]] mqtt::control_packet packet(mqtt::packet_type type,
                                            mqtt::protocol_version version);

  /// Properties that are valid there. PUBLISH gets no topic alias and no
  /// expiry: they have fields of their own.
  [[nodiscard]] mqtt::property_view properties(mqtt::property_place place,
                                               mqtt::protocol_version version);

  /// 0…limit.
  [[nodiscard]] std::uint32_t number(std::uint32_t limit);

  void clear() { bytes_.clear(); }

private:
  [[nodiscard]] bool chance(std::uint32_t percent);
  [[nodiscard]] mqtt::bytes_view keep(std::string bytes);
  [[nodiscard]] mqtt::bytes_view text(std::uint32_t length_max = 12);
  [[nodiscard]] mqtt::bytes_view binary(std::uint32_t length_max = 40);
  [[nodiscard]] mqtt::packet_id id();
  [[nodiscard]] mqtt::qos quality();
  [[nodiscard]] mqtt::reason_code code(mqtt::packet_type type,
                                       mqtt::protocol_version version);
  void add_property(std::string& out, mqtt::property_id id);

  [[nodiscard]] mqtt::connect connect(mqtt::protocol_version version);
  [[nodiscard]] mqtt::will will(mqtt::protocol_version version);
  [[nodiscard]] mqtt::connack connack(mqtt::protocol_version version);
  [[nodiscard]] mqtt::publish publish(mqtt::protocol_version version);
  [[nodiscard]] mqtt::publish_reply reply(mqtt::packet_type type,
                                          mqtt::protocol_version version);
  [[nodiscard]] mqtt::subscribe subscribe(mqtt::protocol_version version);
  [[nodiscard]] mqtt::suback suback(mqtt::protocol_version version);
  [[nodiscard]] mqtt::unsubscribe unsubscribe(mqtt::protocol_version version);
  [[nodiscard]] mqtt::unsuback unsuback(mqtt::protocol_version version);
  [[nodiscard]] mqtt::disconnect disconnect(mqtt::protocol_version version);
  [[nodiscard]] mqtt::auth auth();

  std::mt19937 random_;
  std::deque<std::string> bytes_;
};

} // namespace hetzel::test
