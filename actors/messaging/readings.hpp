#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hetzel::messaging {

class exchange;

enum class reading_kind : unsigned char {
  counter, ///< since the node began
  gauge,   ///< now
};

/// One number of the node, summed over its reactors.
struct reading {
  /// VerneMQ's where it has the metric.
  std::string name;
  /// The reason code that the number is about; empty for most.
  std::string_view reason_code;
  reading_kind kind;
  std::uint64_t value;
};

/// All that transports, sessions, queues, retained store and reactors count:
/// packets by type and direction, errors by reason code and direction, facts
/// (`metric`), traffic, sizes, and what the message store does if there is one;
/// with zero those that did not happen. From any
/// thread while the node lives; the numbers are not of one instant.
[[nodiscard]] std::vector<reading> take_readings(exchange& node);

} // namespace hetzel::messaging
