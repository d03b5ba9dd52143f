#pragma once

#include "cluster/broadcast/broadcast_message.hpp"
#include "cluster/errc.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Messages of the broadcast layer on the wire. Clocks and vectors are those
/// of clock_codec.hpp; integers without a size are varints (LEB128, shortest
/// form), others are little-endian. Who sends is known from the link.
///
///   u8 version, 1 | u8 type
///
///   type          then
///   'P' prune     u64 root
///   'G' graft     u64 root
///   'D' digest    u64 membership version | u32 generation
///                 | n | n × entry, shards ascending
///     entry       u8 shard | clock | u8 1: stable, or u8 0 | dots
///
/// No root is 0. A digest of 16 shards with 7 columns takes about 1.5 KB.

namespace hetzel::cluster {

inline constexpr std::uint8_t broadcast_version = 1;

/// What a peer may send as one message; as much as its link queues of control
/// messages.
inline constexpr std::size_t broadcast_bytes_max = std::size_t{1} << 20;

[[nodiscard]] std::string encode_broadcast(const broadcast_message& message);

[[nodiscard]] expected<broadcast_message, errc>
decode_broadcast(std::string_view bytes);

/// At most what an entry takes in a digest.
[[nodiscard]] std::size_t size_bytes(const digest_entry& entry);

} // namespace hetzel::cluster
