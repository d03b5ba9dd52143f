#include "cluster/membership/membership_codec.hpp"

#include "cluster/membership/state_codec.hpp"
#include "cluster/swc/clock_codec.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace hetzel::cluster {

namespace {

enum class message_type : std::uint8_t {
  hello = 'H',
  hello_ack = 'A',
  heartbeat = 'B',
  probe_request = 'P',
  probe_answer = 'p',
  members = 'M',
  join = 'J',
  join_accepted = 'j',
  join_refused = 'n',
  retire_poll = 'R',
  retire_answer = 'r',
};

constexpr std::size_t bitmap_max = members_max / 8;
constexpr std::size_t bytes_max = state_bytes_max + 64;

// -- writing ------------------------------------------------------------------

message_type type_of(const membership_body& body) {
  // In the order of the variant.
  constexpr message_type types[]
    = {message_type::hello,         message_type::hello_ack,
       message_type::heartbeat,     message_type::probe_request,
       message_type::probe_answer,  message_type::members,
       message_type::join,          message_type::join_accepted,
       message_type::join_refused,  message_type::retire_poll,
       message_type::retire_answer};
  static_assert(std::size(types) == std::variant_size_v<membership_body>);
  return types[body.index()];
}

class body_writer {
public:
  explicit body_writer(std::string& bytes) : bytes_(bytes), out_(bytes) {}

  void operator()(const hello& m) {
    out_.block(m.name);
    encode(out_, m.cluster);
    out_.u64(m.membership_version);
    out_.u8(m.protocol.least);
    out_.u8(m.protocol.most);
    out_.u8(m.groups);
    out_.varint(m.queue_partitions);
    bytes_.append(m.nonce.begin(), m.nonce.end());
  }

  void operator()(const hello_ack& m) {
    out_.u8(static_cast<std::uint8_t>(m.verdict));
    out_.u32(static_cast<std::uint32_t>(m.known));
    bytes_.append(m.proof.begin(), m.proof.end());
  }

  void operator()(const heartbeat& m) {
    out_.varint(m.number);
    out_.u8(m.is_echo ? 1 : 0);
    out_.varint(m.lag_ms);
    out_.u64(m.membership_version);
    out_.block(m.reachable);
  }

  void operator()(const probe_request& m) { probe(m.number, m.target); }
  void operator()(const probe_answer& m) { probe(m.number, m.target); }
  void operator()(const members_push& m) { encode(out_, m.state); }

  void operator()(const join_request& m) {
    encode(out_, m.cluster);
    out_.u8(m.has_records ? 1 : 0);
    encode(out_, m.facts);
    out_.u8(m.groups);
    out_.varint(m.queue_partitions);
    out_.u64(static_cast<std::uint64_t>(m.replaces.value_or(store_id{})));
  }

  void operator()(const join_accepted& m) { encode(out_, m.state); }

  void operator()(const join_refused& m) {
    out_.u8(static_cast<std::uint8_t>(m.why));
    encode(out_, m.cluster);
    out_.u64(static_cast<std::uint64_t>(m.holder));
  }

  void operator()(const retire_poll& m) {
    column(m.shard, m.actor, m.members_version);
  }

  void operator()(const retire_answer& m) {
    column(m.shard, m.actor, m.members_version);
    encode(out_, m.dots);
    out_.varint(m.bound);
  }

private:
  void probe(std::uint64_t number, store_id target) {
    out_.varint(number);
    out_.u64(static_cast<std::uint64_t>(target));
  }

  void column(shard_no shard, actor_id actor, std::uint64_t version) {
    out_.u8(static_cast<std::uint8_t>(shard));
    out_.u64(static_cast<std::uint64_t>(actor));
    out_.u64(version);
  }

  std::string& bytes_;
  byte_writer out_;
};

// -- reading ------------------------------------------------------------------

class body_reader {
public:
  body_reader(byte_reader& in, const membership_message& head)
    : in_(in), head_(head) {}

  membership_body read(message_type type) {
    switch (type) {
      case message_type::hello:
        return read_hello();
      case message_type::hello_ack:
        return read_ack();
      case message_type::heartbeat:
        return read_heartbeat();
      case message_type::probe_request:
        return read_probe<probe_request>();
      case message_type::probe_answer:
        return read_probe<probe_answer>();
      case message_type::members:
        return members_push{decode_state(in_)};
      case message_type::join:
        return read_join();
      case message_type::join_accepted:
        return join_accepted{decode_state(in_)};
      case message_type::join_refused:
        return read_refused();
      case message_type::retire_poll:
        return read_column<retire_poll>();
      case message_type::retire_answer:
        return read_answer();
    }
    in_.fail();
    return {};
  }

private:
  template <std::size_t Size>
  void read(std::array<std::uint8_t, Size>& bytes) {
    auto taken = in_.take(Size);
    std::copy(taken.begin(), taken.end(), bytes.begin());
  }

  bool read_flag() {
    auto flag = in_.u8();
    in_.require(flag <= 1);
    return flag == 1;
  }

  std::uint64_t read_at_most(std::uint64_t limit) {
    auto value = in_.varint();
    in_.require(value <= limit);
    return in_.has_failed() ? 0 : value;
  }

  std::uint16_t read_u16() {
    return static_cast<std::uint16_t>(
      read_at_most(std::numeric_limits<std::uint16_t>::max()));
  }

  store_id read_store() {
    auto store = store_id{in_.u64()};
    in_.require(store != store_id{});
    return store;
  }

  hello read_hello() {
    hello m;
    m.store = head_.source;
    m.opened = head_.opened;
    m.name = decode_text(in_, node_name_max);
    m.cluster = decode_cluster_id(in_);
    m.membership_version = in_.u64();
    m.protocol = {in_.u8(), in_.u8()};
    m.groups = in_.u8();
    m.queue_partitions = read_u16();
    read(m.nonce);
    in_.require(!m.name.empty() && m.protocol.least <= m.protocol.most);
    return m;
  }

  hello_ack read_ack() {
    hello_ack m;
    auto verdict = in_.u8();
    in_.require(verdict <= static_cast<std::uint8_t>(hello_verdict_last));
    m.verdict = hello_verdict{verdict};
    m.known = generation{in_.u32()};
    read(m.proof);
    return m;
  }

  heartbeat read_heartbeat() {
    heartbeat m;
    m.number = in_.varint();
    m.is_echo = read_flag();
    m.lag_ms = static_cast<std::uint32_t>(
      read_at_most(std::numeric_limits<std::uint32_t>::max()));
    m.membership_version = in_.u64();
    m.reachable = decode_text(in_, bitmap_max);
    return m;
  }

  template <class Message>
  Message read_probe() {
    Message m;
    m.number = in_.varint();
    m.target = read_store();
    return m;
  }

  join_request read_join() {
    join_request m;
    m.store = head_.source;
    m.cluster = decode_cluster_id(in_);
    m.has_records = read_flag();
    m.facts = decode_facts(in_);
    m.groups = in_.u8();
    m.queue_partitions = read_u16();
    if (auto replaced = store_id{in_.u64()}; replaced != store_id{})
      m.replaces = replaced;
    in_.require(m.facts.opened == head_.opened);
    return m;
  }

  join_refused read_refused() {
    join_refused m;
    auto why = in_.u8();
    in_.require(why <= static_cast<std::uint8_t>(join_refusal_last));
    m.why = join_refusal{why};
    m.cluster = decode_cluster_id(in_);
    m.holder = store_id{in_.u64()};
    return m;
  }

  template <class Message>
  Message read_column() {
    Message m;
    m.shard = shard_no{in_.u8()};
    m.actor = actor_id{in_.u64()};
    m.members_version = in_.u64();
    in_.require(m.actor != actor_id{});
    return m;
  }

  retire_answer read_answer() {
    auto m = read_column<retire_answer>();
    m.dots = decode_dot_set(in_);
    in_.require(m.dots.exceptions().size() <= void_runs_max, errc::too_large);
    m.bound = read_at_most(counter_max);
    return m;
  }

  byte_reader& in_;
  const membership_message& head_;
};

} // namespace

std::string encode_membership(const membership_message& message) {
  std::string bytes;
  byte_writer out{bytes};
  out.u8(membership_codec_version);
  out.u8(static_cast<std::uint8_t>(type_of(message.body)));
  out.u64(static_cast<std::uint64_t>(message.source));
  out.u32(static_cast<std::uint32_t>(message.opened));
  std::visit(body_writer{bytes}, message.body);
  return bytes;
}

expected<membership_message, errc> decode_membership(std::string_view bytes) {
  byte_reader in{bytes};
  in.require(bytes.size() <= bytes_max, errc::too_large);
  in.require(in.u8() == membership_codec_version, errc::unknown_version);
  auto type = message_type{in.u8()};
  membership_message message;
  message.source = store_id{in.u64()};
  message.opened = generation{in.u32()};
  in.require(message.source != store_id{} && message.opened != generation{});
  message.body = body_reader{in, message}.read(type);
  if (auto fault = in.finish(); fault != errc::none)
    return unexpected(fault);
  return message;
}

std::string encode_hello(const hello& message) {
  return encode_membership({message.store, message.opened, message});
}

} // namespace hetzel::cluster
