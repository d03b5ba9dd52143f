#include "cluster/membership/local_record.hpp"

#include "cluster/membership/state_codec.hpp"
#include "cluster/swc/storage_layout.hpp"

#include <optional>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace hetzel::cluster {

namespace {

constexpr std::size_t sum_bytes = sizeof(std::uint64_t);

std::uint64_t sum_of(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::set<store_id> decode_admitted(byte_reader& in) {
  auto n = in.count(sizeof(std::uint64_t));
  in.require(n <= members_max, errc::too_large);
  std::set<store_id> stores;
  for (store_id last{}; n != 0 && !in.has_failed(); --n) {
    auto store = store_id{in.u64()};
    in.require(store > last);
    last = store;
    stores.insert(stores.end(), store);
  }
  return stores;
}

level_map decode_levelled(byte_reader& in) {
  auto n = in.count(10);
  in.require(n <= void_columns_max, errc::too_large);
  level_map levelled;
  for (; n != 0 && !in.has_failed(); --n) {
    void_map::key at{shard_no{in.u8()}, actor_id{in.u64()}};
    in.require(levelled.empty() || at > levelled.rbegin()->first);
    levelled.emplace_hint(levelled.end(), at, in.varint());
  }
  return levelled;
}

} // namespace

std::string local_record_key() {
  return {static_cast<char>(storage_table::node), 'm'};
}

std::string encode_local_record(const local_record& record) {
  std::string bytes;
  byte_writer out{bytes};
  out.u8(local_record_version);
  out.u64(static_cast<std::uint64_t>(record.own));
  encode(out, record.state);
  out.varint(record.admitted.size());
  for (auto store : record.admitted)
    out.u64(static_cast<std::uint64_t>(store));
  out.varint(record.levelled.size());
  for (auto& [at, level] : record.levelled) {
    out.u8(static_cast<std::uint8_t>(at.first));
    out.u64(static_cast<std::uint64_t>(at.second));
    out.varint(level);
  }
  out.u64(sum_of(bytes));
  return bytes;
}

expected<local_record, errc> decode_local_record(std::string_view bytes) {
  // Only the version is read before the sum: a later program may sum otherwise.
  if (bytes.empty())
    return unexpected(errc::malformed);
  if (static_cast<std::uint8_t>(bytes.front()) != local_record_version)
    return unexpected(errc::unknown_version);
  if (bytes.size() < 1 + sum_bytes)
    return unexpected(errc::malformed);
  auto body = bytes.substr(0, bytes.size() - sum_bytes);
  if (byte_reader sum{bytes.substr(body.size())}; sum.u64() != sum_of(body))
    return unexpected(errc::malformed);
  byte_reader in{body.substr(1)};
  local_record record;
  record.own = store_id{in.u64()};
  record.state = decode_state(in);
  record.admitted = decode_admitted(in);
  record.levelled = decode_levelled(in);
  in.require(record.state.members.find(record.own) != nullptr);
  if (auto fault = in.finish(); fault != errc::none)
    return unexpected(fault);
  return record;
}

} // namespace hetzel::cluster
