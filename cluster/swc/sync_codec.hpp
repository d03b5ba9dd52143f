#pragma once

#include "cluster/errc.hpp"
#include "cluster/swc/sync_message.hpp"

#include <string>
#include <string_view>

/// Messages of a pull on the wire. Clocks are those of clock_codec.hpp;
/// integers without a size are varints, others are little-endian.
///
///   u8 version, 1 | u8 type | u8 shard | u64 source | u32 generation | session
///
///   type          then
///   'Q' request   u8 mode | u64 actor | window | clock | stable
///   'N' refusal   u8 why | counter | floor
///   'K' ack       number
///   'E' end       u64 actor | frames | clock | floor | stable
///                 | r | r × ( u64 store, ascending | vector ) | voids
///   'D' done      stable
///   'F' frame     to the end: a frame of frame_codec.hpp; the head repeats
///                 what the frame says

namespace hetzel::cluster {

inline constexpr std::uint8_t sync_version = 1;

[[nodiscard]] std::string encode_sync(const sync_message& message);

[[nodiscard]] expected<sync_message, errc> decode_sync(std::string_view bytes);

} // namespace hetzel::cluster
