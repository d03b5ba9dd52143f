#pragma once

#include "cluster/swc/node_clock.hpp"
#include "cluster/wire/byte_reader.hpp"
#include "cluster/wire/byte_writer.hpp"

#include <cstddef>

/// Clocks as bytes, on disk and on the wire. Integers without a size are
/// varints (LEB128, shortest form), u64 is little-endian.
///
///   dot set         base | r | r × ( gap | length )
///                   gap: from the end of the run before (first: the base) to
///                   the start of this one, at least 2, for else they were
///                   one; length: at least 1
///   version vector  n | n × ( u64 actor | counter )
///   node clock      n | n × ( u64 actor | dot set )
///
/// Actors ascend strictly. A counter is at most `counter_max`; 0 is not
/// written. The format has no version of its own; what holds it does.

namespace hetzel::cluster {

/// Most actors that a clock or a vector may name.
inline constexpr std::size_t columns_max = 4096;

void encode(byte_writer& out, const dot_set& dots);
void encode(byte_writer& out, const version_vector& vector);
void encode(byte_writer& out, const node_clock& clock);

// What these return is only of use when the reader has not failed.
[[nodiscard]] dot_set decode_dot_set(byte_reader& in);
[[nodiscard]] version_vector decode_version_vector(byte_reader& in);
[[nodiscard]] node_clock decode_node_clock(byte_reader& in);

} // namespace hetzel::cluster
