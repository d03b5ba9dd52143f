#pragma once

#include "cluster/errc.hpp"
#include "cluster/metadata/unix_time.hpp"
#include "cluster/metadata/will_record.hpp"
#include "protocol/packet.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hetzel::cluster {

/// The value of a `session` record.
///
///   | 0    | version: 1, or 2 when there is a will             |
///   | then | epoch: varint                                     |
///   | then | Session Expiry Interval: u32 seconds, all ones:   |
///   |      | never                                             |
///   | then | disconnected at: u64 unix milliseconds, 0: online |
///   | then | from version 2 on, the will: a varint with its    |
///   |      | length, 0: none; then as `will_record` has it     |
///   | then | fields of later versions, which are ignored       |
struct session_record {
  /// Rises with every CONNECT that the Session goes on with.
  std::uint64_t epoch = 0;
  /// nullopt: never.
  std::optional<std::chrono::seconds> expiry;
  /// nullopt: a connection was open when this was written.
  std::optional<unix_time> disconnected_at;
  /// Of the connection that is open or was the last, if it is still to be
  /// published.
  std::optional<will_record> will = std::nullopt;

  bool operator==(const session_record&) const = default;
};

/// The value of a `subscription` record.
///
///   | 0    | version: 1                                              |
///   | 1    | Subscription Options as in SUBSCRIBE (MQTT 5, 3.8.3.1)  |
///   | then | Subscription Identifier: varint, 0: none                |
///   | then | epoch of the Session: varint                            |
///   | then | fields of later versions, which are ignored             |
struct subscription_record {
  mqtt::subscription_options options;
  std::uint32_t subscription_id = 0;
  std::uint64_t epoch = 0;

  bool operator==(const subscription_record&) const = default;
};

[[nodiscard]] std::string encode(const session_record& record);
[[nodiscard]] std::string encode(const subscription_record& record);

[[nodiscard]] expected<session_record, errc>
decode_session_record(std::string_view bytes);
[[nodiscard]] expected<subscription_record, errc>
decode_subscription_record(std::string_view bytes) noexcept;

} // namespace hetzel::cluster
