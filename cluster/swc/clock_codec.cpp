#include "cluster/swc/clock_codec.hpp"

namespace hetzel::cluster {

namespace {

/// Actors of a sequence must ascend; remembers the last one.
class actor_order {
public:
  [[nodiscard]] actor_id take(byte_reader& in) {
    auto actor = in.u64();
    in.require(actor > last_);
    last_ = actor;
    return actor_id{actor};
  }

private:
  std::uint64_t last_ = 0; // no actor is 0
};

std::uint64_t decode_counter(byte_reader& in) {
  auto counter = in.varint();
  in.require(counter >= 1 && counter <= counter_max);
  return counter;
}

std::size_t decode_columns(byte_reader& in, std::size_t size_min) {
  auto columns = in.count(size_min);
  in.require(columns <= columns_max, errc::too_large);
  return in.has_failed() ? 0 : columns;
}

} // namespace

void encode(byte_writer& out, const dot_set& dots) {
  out.varint(dots.base());
  out.varint(dots.exceptions().size());
  auto end = dots.base();
  for (auto& run : dots.exceptions()) {
    out.varint(run.first - end);
    out.varint(run.last - run.first + 1);
    end = run.last;
  }
}

void encode(byte_writer& out, const version_vector& vector) {
  out.varint(vector.size());
  for (auto& e : vector) {
    out.u64(static_cast<std::uint64_t>(e.actor));
    out.varint(e.counter);
  }
}

void encode(byte_writer& out, const node_clock& clock) {
  out.varint(clock.size());
  for (auto& c : clock) {
    out.u64(static_cast<std::uint64_t>(c.actor));
    encode(out, c.dots);
  }
}

dot_set decode_dot_set(byte_reader& in) {
  auto base = in.varint();
  in.require(base <= counter_max);
  dot_set dots{in.has_failed() ? 0 : base};
  auto end = dots.base();
  for (auto runs = in.count(2); runs != 0 && !in.has_failed(); --runs) {
    auto gap = in.varint();
    auto length = in.varint();
    in.require(gap >= 2 && gap <= counter_max - end);
    in.require(length >= 1 && length - 1 <= counter_max - end - gap);
    if (in.has_failed())
      break;
    auto first = end + gap;
    end = first + (length - 1);
    dots.add({first, end});
  }
  return dots;
}

version_vector decode_version_vector(byte_reader& in) {
  version_vector vector;
  actor_order order;
  for (auto n = decode_columns(in, 9); n != 0 && !in.has_failed(); --n) {
    auto actor = order.take(in);
    vector.raise(actor, decode_counter(in));
  }
  return vector;
}

node_clock decode_node_clock(byte_reader& in) {
  node_clock clock;
  actor_order order;
  for (auto n = decode_columns(in, 10); n != 0 && !in.has_failed(); --n) {
    auto actor = order.take(in);
    auto dots = decode_dot_set(in);
    in.require(!dots.empty());
    clock.unite(actor, dots);
  }
  return clock;
}

} // namespace hetzel::cluster
