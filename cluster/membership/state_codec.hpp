#pragma once

#include "cluster/membership/cluster_state.hpp"
#include "cluster/wire/byte_reader.hpp"
#include "cluster/wire/byte_writer.hpp"

#include <cstddef>
#include <string_view>

/// The state of a cluster as bytes, on disk and on the wire. Integers without
/// a size are varints (LEB128, shortest form), others are little-endian; there
/// is one encoding for each state.
///
///   state      u64 cluster id, high | u64 low | u8 groups | queue partitions
///              | u64 created | members | voids
///   members    n | n × member, stores ascending
///   member     u64 store | u8 state | facts
///   facts      u32 generation | revision | name | control | traffic | queue
///              | zone | u8 least | u8 most protocol version | u64 actor
///              | r | r × u64 retired actor, ascending
///   endpoint   host | port
///   voids      n | n × ( u8 shard | u64 actor | dot set | level ), by shard,
///              then actor, ascending; dot set: clock_codec.hpp
///   name, zone, host   length | bytes
///
/// A state is 0 joining, 1 up, 2 leaving, 3 removed. A member takes about 120
/// bytes. The format has no version of its own; what holds it does.

namespace hetzel::cluster {

/// What a state may take; no decoder looks at more.
inline constexpr std::size_t state_bytes_max = std::size_t{8} << 20;
/// Most columns of voids, and most runs in one of them.
inline constexpr std::size_t void_columns_max = 65536;
inline constexpr std::size_t void_runs_max = 65536;

void encode(byte_writer& out, cluster_id id);
void encode(byte_writer& out, const endpoint& at);
void encode(byte_writer& out, const member_facts& facts);
void encode(byte_writer& out, const member_map& members);
void encode(byte_writer& out, const cluster_state& state);

// What these return is only of use when the reader has not failed.
[[nodiscard]] cluster_id decode_cluster_id(byte_reader& in);
/// A block of at most `limit` bytes; longer ones are `too_large`.
[[nodiscard]] std::string_view decode_text(byte_reader& in, std::size_t limit);
[[nodiscard]] endpoint decode_endpoint(byte_reader& in);
[[nodiscard]] member_facts decode_facts(byte_reader& in);
[[nodiscard]] cluster_state decode_state(byte_reader& in);

} // namespace hetzel::cluster
