#include "cluster/swc/frame_codec.hpp"

#include "cluster/swc/clock_codec.hpp"

#include <algorithm>

namespace hetzel::cluster {

namespace {

/// All actors of a frame; what follows names them by their index.
class actor_dictionary {
public:
  explicit actor_dictionary(const frame& delta) {
    gather(delta.base);
    for (auto& item : delta.items) {
      gather(item.record.context);
      for (auto& v : item.record.versions)
        actors_.push_back(v.id.actor);
      for (auto& d : item.dots)
        actors_.push_back(d.actor);
      // Keeps a frame of many items from gathering the same few again.
      if (actors_.size() > 256)
        order();
    }
    order();
  }

  void encode(byte_writer& out) const {
    out.varint(actors_.size());
    for (auto actor : actors_)
      out.u64(static_cast<std::uint64_t>(actor));
  }

  [[nodiscard]] std::uint64_t index(actor_id actor) const {
    auto found = std::lower_bound(actors_.begin(), actors_.end(), actor);
    return static_cast<std::uint64_t>(found - actors_.begin());
  }

private:
  void gather(const version_vector& vector) {
    for (auto& e : vector)
      actors_.push_back(e.actor);
  }

  void order() {
    std::sort(actors_.begin(), actors_.end());
    actors_.erase(std::unique(actors_.begin(), actors_.end()), actors_.end());
  }

  std::vector<actor_id> actors_;
};

class frame_writer {
public:
  frame_writer(std::string& bytes, const frame& delta)
    : out_(bytes), actors_(delta) {}

  void head(const frame& delta) {
    out_.u8(frame_version);
    out_.u8(static_cast<std::uint8_t>(delta.kind));
    out_.u8(static_cast<std::uint8_t>(delta.shard));
    out_.u64(static_cast<std::uint64_t>(delta.source));
    out_.u32(static_cast<std::uint32_t>(delta.source_generation));
    out_.varint(delta.session);
    out_.varint(delta.number);
    actors_.encode(out_);
    vector(delta.base);
    if (delta.kind != frame_kind::range)
      return;
    out_.block(delta.from);
    out_.u8(delta.to ? 1 : 0);
    if (delta.to)
      out_.block(*delta.to);
  }

  void items(const std::vector<frame_item>& items) {
    out_.varint(items.size());
    for (auto& item : items) {
      out_.block(item.key);
      out_.varint(item.record.versions.size());
      for (auto& v : item.record.versions) {
        place(v.id);
        out_.u64(v.hlc);
        out_.block(v.value);
      }
      vector(item.record.context);
      dots(item.dots);
    }
  }

private:
  void place(dot id) {
    out_.varint(actors_.index(id.actor));
    out_.varint(id.counter);
  }

  void vector(const version_vector& vector) {
    out_.varint(vector.size());
    for (auto& e : vector)
      place({e.actor, e.counter});
  }

  void dots(const std::vector<dot>& dots) {
    out_.varint(dots.size());
    dot before;
    for (auto& d : dots) {
      auto from = d.actor == before.actor ? before.counter : 0;
      place({d.actor, d.counter - from});
      before = d;
    }
  }

  byte_writer out_;
  actor_dictionary actors_;
};

class frame_reader {
public:
  explicit frame_reader(std::string_view bytes) : in_(bytes) {
    in_.require(bytes.size() <= frame_bytes_max, errc::too_large);
  }

  expected<frame, errc> read() {
    frame delta;
    in_.require(in_.u8() == frame_version, errc::unknown_version);
    delta.kind = kind();
    delta.shard = shard_no{in_.u8()};
    delta.source = store_id{in_.u64()};
    delta.source_generation = generation{in_.u32()};
    delta.session = in_.varint();
    delta.number = in_.varint();
    in_.require(delta.source != store_id{});
    dictionary();
    delta.base = vector();
    if (delta.kind == frame_kind::range)
      range(delta);
    for (auto n = in_.count(4); n != 0 && !in_.has_failed(); --n)
      item(delta);
    if (auto fault = in_.finish(); fault != errc::none)
      return unexpected(fault);
    return delta;
  }

private:
  frame_kind kind() {
    auto kind = frame_kind{in_.u8()};
    in_.require(kind == frame_kind::write || kind == frame_kind::dots
                || kind == frame_kind::range);
    return kind;
  }

  void dictionary() {
    auto n = in_.count(8);
    in_.require(n <= columns_max, errc::too_large);
    for (actor_id last{}; n != 0 && !in_.has_failed(); --n) {
      auto actor = actor_id{in_.u64()};
      in_.require(actor > last);
      last = actor;
      actors_.push_back(actor);
    }
  }

  /// A dot; `before` is the last one of the sequence that it must follow.
  dot place(dot before, bool is_distance) {
    auto index = in_.varint();
    auto counter = in_.varint();
    in_.require(index < actors_.size());
    if (in_.has_failed())
      return {};
    dot id{actors_[static_cast<std::size_t>(index)], counter};
    in_.require(counter >= 1 && counter <= counter_max);
    if (is_distance && id.actor == before.actor) {
      in_.require(counter <= counter_max - before.counter);
      id.counter += before.counter;
    }
    in_.require(id > before);
    return id;
  }

  version_vector vector() {
    version_vector made;
    auto n = in_.count(2);
    for (dot last; n != 0 && !in_.has_failed(); --n) {
      auto id = place(last, false);
      in_.require(id.actor > last.actor);
      last = id;
      made.raise(id.actor, id.counter);
    }
    return made;
  }

  void range(frame& delta) {
    delta.from = in_.block();
    auto ends = in_.u8();
    in_.require(ends <= 1);
    if (ends != 1)
      return;
    delta.to = in_.block();
    in_.require(delta.from < *delta.to);
  }

  void item(frame& delta) {
    frame_item item;
    item.key = in_.block();
    in_.require(delta.items.empty() || delta.items.back().key < item.key);
    if (delta.kind == frame_kind::range)
      in_.require(delta.from <= item.key
                  && (!delta.to || item.key < *delta.to));
    auto siblings = in_.count(11);
    in_.require(siblings <= columns_max, errc::too_large);
    for (dot last; siblings != 0 && !in_.has_failed(); --siblings) {
      last = place(last, false);
      auto hlc = in_.u64();
      item.record.versions.push_back({last, hlc, std::string(in_.block())});
    }
    item.record.context = vector();
    auto dots = in_.count(2);
    for (dot last; dots != 0 && !in_.has_failed(); --dots) {
      last = place(last, true);
      item.dots.push_back(last);
    }
    delta.items.push_back(std::move(item));
  }

  byte_reader in_;
  std::vector<actor_id> actors_;
};

} // namespace

std::string encode_frame(const frame& delta) {
  std::string bytes;
  frame_writer out{bytes, delta};
  out.head(delta);
  out.items(delta.items);
  return bytes;
}

expected<frame, errc> decode_frame(std::string_view bytes) {
  return frame_reader{bytes}.read();
}

std::size_t size_bytes(const frame_item& item) {
  auto size = 8 + item.key.size() + 8 * item.record.context.size()
              + 6 * item.dots.size();
  for (auto& v : item.record.versions)
    size += 20 + v.value.size();
  return size;
}

} // namespace hetzel::cluster
