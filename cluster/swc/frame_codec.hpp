#pragma once

#include "cluster/errc.hpp"
#include "cluster/swc/frame.hpp"

#include <cstddef>
#include <string>
#include <string_view>

/// A frame on the wire. Integers without a size are varints (LEB128, shortest
/// form), others are little-endian.
///
///   u8 version, 1 | u8 kind 'W' 'A' 'R' | u8 shard
///   u64 source | u32 generation | session | number
///   a | a × u64 actor, ascending: the dictionary; below, actors are indexes
///   base: vector
///   only 'R': length | from | u8 1: length | to, or u8 0: to the end
///   n | n × item, keys ascending
///     item    length | key
///             s | s × ( actor | counter | u64 hlc | length | value )
///             context: vector
///             d | d × ( actor | counter )
///     vector  m | m × ( actor | counter ), actors ascending
///
/// Dots ascend strictly; no counter is 0 or above `counter_max`. Of d dots of
/// one actor, the second and later give the distance to the one before.
/// A write of one key with a 30 byte key and a 20 byte value takes about 115
/// bytes; in a full frame each item takes its key and value and 20 bytes more.

namespace hetzel::cluster {

inline constexpr std::uint8_t frame_version = 1;

/// What a peer may send as one frame.
inline constexpr std::size_t frame_bytes_max = std::size_t{64} << 20;

[[nodiscard]] std::string encode_frame(const frame& delta);

[[nodiscard]] expected<frame, errc> decode_frame(std::string_view bytes);

/// About what an item will take in a frame.
[[nodiscard]] std::size_t size_bytes(const frame_item& item);

} // namespace hetzel::cluster
