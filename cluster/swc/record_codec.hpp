#pragma once

#include "cluster/errc.hpp"
#include "cluster/swc/container.hpp"

#include <cstddef>
#include <string>
#include <string_view>

/// What the store keeps under a key of an object: its container, stripped.
///
///   u8  version, 1
///   n   siblings, n × ( u64 actor | counter | u64 hlc | length | value )
///   version vector (clock_codec.hpp): the explicit context, mostly empty
///
/// Integers without a size are varints, u64 is little-endian. Dots ascend
/// strictly. A record without siblings and context is not kept at all.
///
/// One sibling and no context cost 22 to 25 bytes more than the value. Actors
/// stand in full: a dictionary would be state shared by all shards, and the
/// store compresses what repeats in every record.

namespace hetzel::cluster {

inline constexpr std::uint8_t record_version = 1;

[[nodiscard]] std::string encode_record(const container& record);

[[nodiscard]] expected<container, errc> decode_record(std::string_view bytes);

} // namespace hetzel::cluster
