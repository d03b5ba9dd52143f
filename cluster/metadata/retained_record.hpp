#pragma once

#include "cluster/errc.hpp"
#include "cluster/metadata/unix_time.hpp"
#include "protocol/message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hetzel::cluster {

/// The value of a `retained` record; mountpoint and topic name are its key.
///
///   | 0    | version: 1                                                 |
///   | 1    | QoS                                                        |
///   | then | expires at: u64 unix milliseconds, 0: never                |
///   | then | properties as PUBLISH codes them: varint length, bytes     |
///   | then | payload: varint length, bytes                              |
///   | then | fields of later versions, which are ignored                |
///
/// The views of a decoded record are into the bytes it was decoded from.
struct retained_record {
  mqtt::qos quality{};
  std::optional<unix_time> expires_at;
  std::string_view properties;
  std::string_view payload;

  bool operator==(const retained_record&) const = default;
};

[[nodiscard]] std::string encode(const retained_record& record);

[[nodiscard]] expected<retained_record, errc>
decode_retained_record(std::string_view bytes) noexcept;

} // namespace hetzel::cluster
