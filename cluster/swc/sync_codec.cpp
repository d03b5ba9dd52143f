#include "cluster/swc/sync_codec.hpp"

#include "cluster/swc/clock_codec.hpp"
#include "cluster/swc/frame_codec.hpp"

#include <algorithm>

namespace hetzel::cluster {

namespace {

enum class sync_type : std::uint8_t {
  request = 'Q',
  refusal = 'N',
  ack = 'K',
  end = 'E',
  done = 'D',
  frame = 'F',
};

class sync_writer {
public:
  explicit sync_writer(std::string& bytes) : bytes_(bytes), out_(bytes) {}

  void operator()(const sync_request& m) {
    head(sync_type::request, m.head);
    out_.u8(static_cast<std::uint8_t>(m.mode));
    out_.u64(static_cast<std::uint64_t>(m.actor));
    out_.varint(m.window);
    encode(out_, m.clock);
    encode(out_, m.stable);
  }

  void operator()(const sync_refusal& m) {
    head(sync_type::refusal, m.head);
    out_.u8(static_cast<std::uint8_t>(m.why));
    out_.varint(m.counter);
    encode(out_, m.floor);
  }

  void operator()(const sync_ack& m) {
    head(sync_type::ack, m.head);
    out_.varint(m.number);
  }

  void operator()(const sync_end& m) {
    head(sync_type::end, m.head);
    out_.u64(static_cast<std::uint64_t>(m.actor));
    out_.varint(m.frames);
    encode(out_, m.clock);
    encode(out_, m.floor);
    encode(out_, m.stable);
    out_.varint(m.rows.size());
    for (auto& [store, row] : m.rows) {
      out_.u64(static_cast<std::uint64_t>(store));
      encode(out_, row);
    }
    encode(out_, m.voids);
  }

  void operator()(const sync_done& m) {
    head(sync_type::done, m.head);
    encode(out_, m.stable);
  }

  void operator()(const frame& m) {
    head(sync_type::frame,
         {m.shard, m.source, m.source_generation, m.session});
    bytes_ += encode_frame(m);
  }

private:
  void head(sync_type type, const sync_head& head) {
    out_.u8(sync_version);
    out_.u8(static_cast<std::uint8_t>(type));
    out_.u8(static_cast<std::uint8_t>(head.shard));
    out_.u64(static_cast<std::uint64_t>(head.source));
    out_.u32(static_cast<std::uint32_t>(head.source_generation));
    out_.varint(head.session);
  }

  std::string& bytes_;
  byte_writer out_;
};

// -- reading ------------------------------------------------------------------

sync_head read_head(byte_reader& in) {
  sync_head head;
  head.shard = shard_no{in.u8()};
  head.source = store_id{in.u64()};
  head.source_generation = generation{in.u32()};
  head.session = in.varint();
  in.require(head.source != store_id{});
  return head;
}

sync_request read_request(byte_reader& in) {
  sync_request m;
  auto mode = in.u8();
  in.require(mode <= static_cast<std::uint8_t>(pull_mode::graft));
  m.mode = pull_mode{mode};
  m.actor = actor_id{in.u64()};
  auto window = in.varint();
  in.require(window >= 1 && window <= UINT32_MAX);
  m.window = static_cast<std::uint32_t>(window);
  m.clock = decode_node_clock(in);
  m.stable = decode_version_vector(in);
  return m;
}

sync_refusal read_refusal(byte_reader& in) {
  sync_refusal m;
  auto why = in.u8();
  in.require(why <= static_cast<std::uint8_t>(refusal::need_full));
  m.why = refusal{why};
  m.counter = in.varint();
  m.floor = decode_version_vector(in);
  return m;
}

watermark_rows read_rows(byte_reader& in) {
  watermark_rows rows;
  auto n = in.count(9);
  in.require(n <= columns_max, errc::too_large);
  for (store_id last{}; n != 0 && !in.has_failed(); --n) {
    auto store = store_id{in.u64()};
    in.require(store > last);
    last = store;
    rows.emplace_hint(rows.end(), store, decode_version_vector(in));
  }
  return rows;
}

sync_end read_end(byte_reader& in) {
  sync_end m;
  m.actor = actor_id{in.u64()};
  m.frames = in.varint();
  m.clock = decode_node_clock(in);
  m.floor = decode_version_vector(in);
  m.stable = decode_version_vector(in);
  m.rows = read_rows(in);
  m.voids = decode_node_clock(in);
  return m;
}

template <class Message>
expected<sync_message, errc> finished(byte_reader& in, sync_head head,
                                      Message message) {
  if (auto fault = in.finish(); fault != errc::none)
    return unexpected(fault);
  message.head = head;
  return sync_message{std::move(message)};
}

expected<sync_message, errc> read_frame(byte_reader& in, sync_head head) {
  auto delta = decode_frame(in.take(in.left()));
  if (!delta)
    return unexpected(delta.error());
  sync_head own{delta->shard, delta->source, delta->source_generation,
                delta->session};
  if (own != head)
    return unexpected(errc::malformed);
  return sync_message{std::move(*delta)};
}

} // namespace

std::string encode_sync(const sync_message& message) {
  std::string bytes;
  std::visit(sync_writer{bytes}, message);
  return bytes;
}

expected<sync_message, errc> decode_sync(std::string_view bytes) {
  byte_reader in{bytes};
  in.require(bytes.size() <= frame_bytes_max, errc::too_large);
  in.require(in.u8() == sync_version, errc::unknown_version);
  auto type = sync_type{in.u8()};
  auto head = read_head(in);
  if (in.has_failed())
    return unexpected(in.finish());
  switch (type) {
    case sync_type::request:
      return finished(in, head, read_request(in));
    case sync_type::refusal:
      return finished(in, head, read_refusal(in));
    case sync_type::ack:
      return finished(in, head, sync_ack{{}, in.varint()});
    case sync_type::end:
      return finished(in, head, read_end(in));
    case sync_type::done:
      return finished(in, head, sync_done{{}, decode_version_vector(in)});
    case sync_type::frame:
      return read_frame(in, head);
  }
  return unexpected(errc::malformed);
}

} // namespace hetzel::cluster
