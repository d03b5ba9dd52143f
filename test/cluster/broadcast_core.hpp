#pragma once

#include "cluster/broadcast/broadcast.hpp"
#include "cluster/broadcast/broadcast_codec.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hetzel::test {

inline constexpr cluster::store_id self{1};

inline cluster::store_id peer(std::uint64_t n) {
  return cluster::store_id{n};
}
inline cluster::actor_id actor(cluster::store_id store) {
  return cluster::actor_id{1000 + static_cast<std::uint64_t>(store)};
}

struct sent {
  cluster::store_id to{};
  cluster::link_queue queue{};
  cluster::shared_bytes bytes;
};

/// One core, and all that it wants done.
struct one_core final : cluster::shard_reports, cluster::broadcast_sink {
  explicit one_core(std::size_t nodes, cluster::broadcast_options options = {})
    : reports(2) {
    options.store = self;
    options.opened = cluster::generation{3};
    core.emplace(options, *this, *this, std::mt19937_64{1}, now);
    know(nodes);
    for (std::uint64_t n = 2; n <= nodes; ++n)
      core->on_link_up(peer(n));
    letters.clear();
  }

  void know(std::size_t nodes, cluster::store_id without = {}) {
    std::vector<cluster::broadcast_member> members;
    for (std::uint64_t n = 1; n <= nodes; ++n)
      if (peer(n) != without)
        members.push_back({peer(n),
                           cluster::generation{3},
                           cluster::member_state::up,
                           "",
                           {actor(peer(n))}});
    core->set_members(members, 7, now);
  }

  void hear(cluster::store_id from, const cluster::broadcast_message& message) {
    CHECK(core->on_message(from, cluster::encode_broadcast(message), now)
          == cluster::errc::none);
  }

  void hear_of(cluster::store_id from, cluster::shard_no shard,
               cluster::dot news, cluster::generation gen = {}) {
    cluster::digest told{
      7, gen == cluster::generation{} ? cluster::generation{3} : gen, {}};
    told.entries.push_back({shard, {}, {}, 5});
    told.entries[0].clock.add(news.actor, {1, news.counter});
    hear(from, told);
  }

  void pass(std::chrono::milliseconds time) {
    now += time;
    core->tick(now);
  }

  /// Whom frames went to since the last time.
  std::set<cluster::store_id> frame_targets() {
    std::set<cluster::store_id> to;
    for (auto& letter : letters)
      if (letter.queue == cluster::link_queue::metadata)
        CHECK(to.insert(letter.to).second);
    std::erase_if(letters, [](auto& letter) {
      return letter.queue == cluster::link_queue::metadata;
    });
    return to;
  }

  template <class Message>
  std::vector<std::pair<cluster::store_id, Message>> messages() {
    std::vector<std::pair<cluster::store_id, Message>> found;
    for (auto& letter : letters)
      if (letter.queue == cluster::link_queue::control)
        if (auto m = cluster::decode_broadcast(*letter.bytes).value();
            std::holds_alternative<Message>(m))
          found.emplace_back(letter.to, std::get<Message>(m));
    return found;
  }

  [[nodiscard]] std::size_t shards() const override { return reports.size(); }
  [[nodiscard]] const cluster::shard_report&
  report(cluster::shard_no shard) const override {
    return reports.at(static_cast<std::size_t>(shard));
  }
  void send(cluster::store_id to, cluster::link_queue queue,
            cluster::shared_bytes bytes) override {
    letters.push_back({to, queue, std::move(bytes)});
  }
  bool start_pull(cluster::shard_no shard, cluster::store_id from) override {
    if (is_pulling)
      return false;
    pulls.emplace_back(shard, from);
    return true;
  }
  void on_row(cluster::shard_no shard, cluster::store_id member,
              const cluster::version_vector& row, std::uint64_t) override {
    rows[{shard, member}] = row;
  }
  void on_other_membership(cluster::store_id member,
                           std::uint64_t version) override {
    others[member] = version;
  }

  bool is_pulling = false;
  cluster::broadcast::time_point now{};
  std::vector<cluster::shard_report> reports;
  std::vector<sent> letters;
  std::vector<std::pair<cluster::shard_no, cluster::store_id>> pulls;
  std::map<std::pair<cluster::shard_no, cluster::store_id>,
           cluster::version_vector>
    rows;
  std::map<cluster::store_id, std::uint64_t> others;
  std::optional<cluster::broadcast> core;
};

inline cluster::shared_bytes some_frame(std::size_t size = 100) {
  return std::make_shared<const std::string>(size, 'f');
}

inline cluster::broadcast_options as(cluster::broadcast_mode mode) {
  cluster::broadcast_options options;
  options.mode = mode;
  return options;
}

} // namespace hetzel::test
