#include "cluster/membership/state_codec.hpp"

#include "cluster/swc/clock_codec.hpp"

#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace hetzel::cluster {

namespace {

// What one takes at the least; bounds a count before anything is reserved.
constexpr std::size_t member_bytes_min = 34;
constexpr std::size_t column_bytes_min = 12;

void encode(byte_writer& out, const void_map& voids) {
  out.varint(voids.size());
  for (auto& [at, column] : voids) {
    out.u8(static_cast<std::uint8_t>(at.first));
    out.u64(static_cast<std::uint64_t>(at.second));
    encode(out, column.voids);
    out.varint(column.level);
  }
}

std::uint16_t decode_u16(byte_reader& in) {
  auto value = in.varint();
  in.require(value <= std::numeric_limits<std::uint16_t>::max());
  return in.has_failed() ? std::uint16_t{0} : static_cast<std::uint16_t>(value);
}

std::vector<actor_id> decode_retired(byte_reader& in) {
  auto n = in.count(sizeof(std::uint64_t));
  in.require(n <= retired_actors_max, errc::too_large);
  std::vector<actor_id> retired;
  for (; n != 0 && !in.has_failed(); --n)
    retired.push_back(actor_id{in.u64()});
  return retired;
}

member_map decode_members(byte_reader& in) {
  auto n = in.count(member_bytes_min);
  in.require(n <= members_max, errc::too_large);
  member_map members;
  for (store_id last{}; n != 0 && !in.has_failed(); --n) {
    member one;
    one.store = store_id{in.u64()};
    in.require(one.store > last);
    last = one.store;
    auto state = in.u8();
    in.require(state <= static_cast<std::uint8_t>(member_state::removed));
    one.state = member_state{state};
    one.facts = decode_facts(in);
    if (!in.has_failed())
      members.merge(one);
  }
  return members;
}

void_map decode_voids(byte_reader& in) {
  auto n = in.count(column_bytes_min);
  in.require(n <= void_columns_max, errc::too_large);
  void_map voids;
  std::optional<void_map::key> last;
  for (; n != 0 && !in.has_failed(); --n) {
    void_map::key at{shard_no{in.u8()}, actor_id{in.u64()}};
    in.require(at.second != actor_id{} && (!last || at > *last));
    last = at;
    void_column column;
    column.voids = decode_dot_set(in);
    in.require(column.voids.exceptions().size() <= void_runs_max,
               errc::too_large);
    column.level = in.varint();
    in.require(column.level <= counter_max && column != void_column{});
    if (!in.has_failed())
      voids.add(at.first, at.second, column);
  }
  return voids;
}

} // namespace

void encode(byte_writer& out, cluster_id id) {
  out.u64(id.high);
  out.u64(id.low);
}

void encode(byte_writer& out, const endpoint& at) {
  out.block(at.host);
  out.varint(at.port);
}

void encode(byte_writer& out, const member_facts& facts) {
  out.u32(static_cast<std::uint32_t>(facts.opened));
  out.varint(facts.revision);
  out.block(facts.name);
  encode(out, facts.addresses.control);
  encode(out, facts.addresses.traffic);
  encode(out, facts.addresses.queue);
  out.block(facts.zone);
  out.u8(facts.protocol.least);
  out.u8(facts.protocol.most);
  out.u64(static_cast<std::uint64_t>(facts.actor));
  out.varint(facts.retired.size());
  for (auto actor : facts.retired)
    out.u64(static_cast<std::uint64_t>(actor));
}

void encode(byte_writer& out, const member_map& members) {
  out.varint(members.size());
  for (auto& [store, one] : members) {
    out.u64(static_cast<std::uint64_t>(store));
    out.u8(static_cast<std::uint8_t>(one.state));
    encode(out, one.facts);
  }
}

void encode(byte_writer& out, const cluster_state& state) {
  encode(out, state.params.id);
  out.u8(state.params.groups);
  out.varint(state.params.queue_partitions);
  out.u64(state.params.created_hlc);
  encode(out, state.members);
  encode(out, state.voids);
}

cluster_id decode_cluster_id(byte_reader& in) {
  cluster_id id;
  id.high = in.u64();
  id.low = in.u64();
  return id;
}

std::string_view decode_text(byte_reader& in, std::size_t limit) {
  auto text = in.block();
  in.require(text.size() <= limit, errc::too_large);
  return in.has_failed() ? std::string_view{} : text;
}

endpoint decode_endpoint(byte_reader& in) {
  endpoint at;
  at.host = decode_text(in, host_max);
  at.port = decode_u16(in);
  return at;
}

member_facts decode_facts(byte_reader& in) {
  member_facts facts;
  facts.opened = generation{in.u32()};
  auto revision = in.varint();
  in.require(revision <= std::numeric_limits<std::uint32_t>::max());
  facts.revision = static_cast<std::uint32_t>(revision);
  facts.name = decode_text(in, node_name_max);
  facts.addresses.control = decode_endpoint(in);
  facts.addresses.traffic = decode_endpoint(in);
  facts.addresses.queue = decode_endpoint(in);
  facts.zone = decode_text(in, zone_max);
  facts.protocol.least = in.u8();
  facts.protocol.most = in.u8();
  facts.actor = actor_id{in.u64()};
  facts.retired = decode_retired(in);
  in.require(is_valid(facts));
  return facts;
}

cluster_state decode_state(byte_reader& in) {
  in.require(in.left() <= state_bytes_max, errc::too_large);
  cluster_state state;
  state.params.id = decode_cluster_id(in);
  state.params.groups = in.u8();
  state.params.queue_partitions = decode_u16(in);
  state.params.created_hlc = in.u64();
  in.require(!state.params.id.is_none() && state.params.groups != 0
             && state.params.queue_partitions != 0);
  state.members = decode_members(in);
  state.voids = decode_voids(in);
  return state;
}

} // namespace hetzel::cluster
