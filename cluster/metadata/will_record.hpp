#pragma once

#include "cluster/metadata/unix_time.hpp"
#include "protocol/basic_types.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace hetzel::cluster {

/// The will of a Session, as its record has it:
///
///   | u8    | bits 0-1: QoS; bit 2: RETAIN; bit 3: expires; bit 4: is due   |
///   | u32   | Will Delay Interval that was granted, in seconds              |
///   | u32   | Message Expiry Interval in seconds, if it expires             |
///   | u64   | when it is to be published, unix milliseconds, if it is due   |
///   | block | topic name                                                    |
///   | block | properties of the message as PUBLISH codes them               |
///   | block | payload                                                       |
///
/// A block is its length as a varint, then its bytes.
struct will_record {
  std::string topic_name;
  std::string properties;
  std::string payload;
  mqtt::qos quality{};
  bool retain = false;
  std::chrono::seconds delay{0};
  /// nullopt: the message never expires.
  std::optional<std::chrono::seconds> expiry_interval;
  /// nullopt: the connection was open when this was written.
  std::optional<unix_time> due;

  bool operator==(const will_record&) const = default;
};

void write(byte_writer& out, const will_record& will);

/// A will that CONNECT could not have had is a fault of `in`.
[[nodiscard]] will_record read_will(byte_reader& in);

} // namespace hetzel::cluster
