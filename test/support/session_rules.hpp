#pragma once

#include "protocol/basic_types.hpp"

#include <cstddef>
#include <cstdint>
#include <stdexcept>

/// What the models of a session have in common.

namespace hetzel::test {

/// MQTT does not allow what happened.
class rule_broken : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

inline void require(bool holds, const char* otherwise) {
  if (!holds)
    throw rule_broken(otherwise);
}

/// What client and server agreed on for one connection.
struct session_terms {
  mqtt::protocol_version version{};
  /// PUBLISH of QoS 1 and 2 that the client takes at a time.
  std::size_t window = 0;
  /// The same for the server.
  std::size_t receive_maximum = 0;
  /// Largest packet that the client takes.
  std::size_t packet_size_max = 0;
  /// Aliases that the server may use.
  std::uint16_t alias_maximum = 0;
  bool wants_reasons = false;

  [[nodiscard]] bool is_v5() const noexcept {
    return version == mqtt::protocol_version::v5;
  }
};

} // namespace hetzel::test
