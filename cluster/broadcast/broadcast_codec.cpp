#include "cluster/broadcast/broadcast_codec.hpp"

#include "cluster/swc/clock_codec.hpp"

#include <utility>

namespace hetzel::cluster {

namespace {

enum class broadcast_type : std::uint8_t {
  prune = 'P',
  graft = 'G',
  digest = 'D',
};

// -- writing ------------------------------------------------------------------

class broadcast_writer {
public:
  explicit broadcast_writer(std::string& bytes) : out_(bytes) {}

  void operator()(const prune& m) {
    head(broadcast_type::prune);
    store(m.root);
  }

  void operator()(const graft& m) {
    head(broadcast_type::graft);
    store(m.root);
  }

  void operator()(const digest& m) {
    head(broadcast_type::digest);
    out_.u64(m.membership_version);
    out_.u32(static_cast<std::uint32_t>(m.sender));
    out_.varint(m.entries.size());
    for (auto& e : m.entries)
      entry(e);
  }

private:
  void head(broadcast_type type) {
    out_.u8(broadcast_version);
    out_.u8(static_cast<std::uint8_t>(type));
  }

  void store(store_id id) { out_.u64(static_cast<std::uint64_t>(id)); }

  void entry(const digest_entry& e) {
    out_.u8(static_cast<std::uint8_t>(e.shard));
    encode(out_, e.clock);
    out_.u8(e.stable ? 1 : 0);
    if (e.stable)
      encode(out_, *e.stable);
    out_.varint(e.dots);
  }

  byte_writer out_;
};

// -- reading ------------------------------------------------------------------

store_id read_root(byte_reader& in) {
  auto root = store_id{in.u64()};
  in.require(root != store_id{});
  return root;
}

bool read_flag(byte_reader& in) {
  auto flag = in.u8();
  in.require(flag <= 1);
  return flag == 1;
}

digest_entry read_entry(byte_reader& in) {
  digest_entry e;
  e.shard = shard_no{in.u8()};
  e.clock = decode_node_clock(in);
  if (read_flag(in))
    e.stable = decode_version_vector(in);
  e.dots = in.varint();
  return e;
}

digest read_digest(byte_reader& in) {
  digest m;
  m.membership_version = in.u64();
  m.sender = generation{in.u32()};
  // An entry has a shard, a count of columns, a flag and a number.
  for (auto n = in.count(4); n != 0 && !in.has_failed(); --n) {
    auto entry = read_entry(in);
    in.require(m.entries.empty() || m.entries.back().shard < entry.shard);
    m.entries.push_back(std::move(entry));
  }
  return m;
}

template <class Message>
expected<broadcast_message, errc> finished(byte_reader& in, Message message) {
  if (auto fault = in.finish(); fault != errc::none)
    return unexpected(fault);
  return expected<broadcast_message, errc>(std::move(message));
}

} // namespace

std::string encode_broadcast(const broadcast_message& message) {
  std::string bytes;
  std::visit(broadcast_writer{bytes}, message);
  return bytes;
}

expected<broadcast_message, errc> decode_broadcast(std::string_view bytes) {
  byte_reader in{bytes};
  in.require(bytes.size() <= broadcast_bytes_max, errc::too_large);
  in.require(in.u8() == broadcast_version, errc::unknown_version);
  switch (broadcast_type{in.u8()}) {
    case broadcast_type::prune:
      return finished(in, prune{read_root(in)});
    case broadcast_type::graft:
      return finished(in, graft{read_root(in)});
    case broadcast_type::digest:
      return finished(in, read_digest(in));
  }
  in.fail();
  return unexpected(in.finish());
}

std::size_t size_bytes(const digest_entry& entry) {
  constexpr std::size_t varint_max = 10;
  auto column_max = 8 + 2 * varint_max;
  auto size = 3 * varint_max + entry.clock.size() * column_max;
  for (auto& column : entry.clock)
    size += 2 * varint_max * column.dots.exceptions().size();
  if (entry.stable)
    size += varint_max + entry.stable->size() * (8 + varint_max);
  return size;
}

} // namespace hetzel::cluster
