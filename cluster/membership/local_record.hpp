#pragma once

#include "cluster/errc.hpp"
#include "cluster/membership/cluster_state.hpp"
#include "cluster/membership/levelling.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace hetzel::cluster {

/// What a node must not forget about its cluster: all in one value, written
/// synced before anything in it is acted upon.
///
///   key    04 'm' (storage_layout.hpp)
///   value  u8 version, 1 | u64 own store | state (state_codec.hpp)
///          | a | a × u64 admitted store, ascending
///          | v | v × ( u8 shard | u64 actor | level ), ascending
///          | u64 XXH3 of all before it
struct local_record {
  store_id own{};
  cluster_state state;
  /// Stores that joined through this node and were not up yet: if they stay
  /// away, it is this node that gives them up.
  std::set<store_id> admitted;
  /// How far the levelling that `void_column::level` asks for was done here.
  level_map levelled;

  bool operator==(const local_record&) const = default;
};

inline constexpr std::uint8_t local_record_version = 1;

/// The key in the metadata store.
[[nodiscard]] std::string local_record_key();

[[nodiscard]] std::string encode_local_record(const local_record& record);

/// `malformed` for damage of any kind, `unknown_version` for a value of a later
/// program: in both cases nothing must be overwritten.
[[nodiscard]] expected<local_record, errc>
decode_local_record(std::string_view bytes);

} // namespace hetzel::cluster
