#pragma once

#include "cluster/errc.hpp"
#include "cluster/membership/membership_message.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// What members say to each other about the cluster. Integers without a size
/// are varints (LEB128, shortest form), others are little-endian; text is a
/// length and bytes; state and facts are those of state_codec.hpp.
///
///   u8 version, 1 | u8 type | u64 source | u32 generation | body
///
///   type                body
///   'H' hello           name | u64 u64 cluster | u64 membership version
///                       | u8 least | u8 most protocol version | u8 groups
///                       | queue partitions | 16 bytes nonce
///   'A' hello ack       u8 verdict | u32 known generation | 32 bytes proof
///   'B' heartbeat       number | u8 1: echo, 0: not | lag in ms
///                       | u64 membership version | bitmap, at most 128 bytes
///   'P' probe request   number | u64 target
///   'p' probe answer    number | u64 target
///   'M' members         state
///   'J' join            u64 u64 cluster | u8 1: has records, 0: none | facts
///                       | u8 groups | queue partitions
///                       | u64 replaced store, 0: none
///   'j' join accepted   state
///   'n' join refused    u8 why | u64 u64 cluster | u64 holder, 0: none
///   'R' retire poll     u8 shard | u64 actor | u64 members version
///   'r' retire answer   u8 shard | u64 actor | u64 members version
///                       | dot set (clock_codec.hpp) | bound
///
/// A heartbeat among seven members takes 27 bytes or so.

namespace hetzel::cluster {

inline constexpr std::uint8_t membership_codec_version = 1;

[[nodiscard]] std::string
encode_membership(const membership_message& message);

[[nodiscard]] expected<membership_message, errc>
decode_membership(std::string_view bytes);

/// A hello as it was sent, byte by byte: what its proof is about.
[[nodiscard]] std::string encode_hello(const hello& message);

} // namespace hetzel::cluster
