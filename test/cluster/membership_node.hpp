#pragma once

#include "cluster/membership/membership.hpp"
#include "test/cluster/membership_fixture.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

/// The membership of one node, its disk, and all that it wants done.

namespace hetzel::test {

/// Store n, named "n<store>", its actor 1000 × store + generation.
inline cluster::membership_options node_options(std::uint64_t store,
                                                std::uint32_t opened = 1,
                                                std::uint64_t seed = 0) {
  cluster::membership_options options;
  options.store = cluster::store_id{store};
  options.opened = cluster::generation{opened};
  options.actor = cluster::actor_id{1000 * store + opened};
  options.name = name_of_node(store);
  options.addresses.control = {options.name + ".example", 44053};
  auto random = std::make_shared<std::mt19937_64>(
    (seed * 1000 + store) * 1000 + opened);
  options.random = [random] { return (*random)(); };
  return options;
}

class membership_node : public cluster::membership_sink {
public:
  explicit membership_node(
    cluster::membership_options options,
    std::optional<cluster::local_record> remembered = std::nullopt) {
    core_ = std::make_unique<cluster::membership>(
      std::move(options), std::move(remembered), *this);
  }

  membership_node(membership_node&&) = delete;

  [[nodiscard]] cluster::membership& core() const noexcept { return *core_; }

  /// The oldest save reaches the disk.
  void save_one() {
    auto [ticket, record] = std::move(saves.front());
    saves.erase(saves.begin());
    disk = std::move(record);
    core_->on_saved(ticket, now);
  }

  void save_all() {
    while (!saves.empty())
      save_one();
  }

  void run(std::int64_t ms) {
    for (std::int64_t i = 0; i < ms; i += 100) {
      now += std::chrono::milliseconds{100};
      core_->tick(now);
    }
  }

  void save(std::uint64_t ticket, std::string record) override {
    saves.emplace_back(ticket, std::move(record));
  }
  void send(cluster::store_id to, cluster::membership_body body) override {
    sent.emplace_back(to, std::move(body));
  }
  void answer(cluster::asker_id to, cluster::membership_body body) override {
    answers.emplace_back(to, std::move(body));
  }
  void ask(const cluster::endpoint& seed,
           cluster::join_request request) override {
    asked.emplace_back(seed, std::move(request));
  }
  void on_change(const cluster::cluster_state*,
                 const cluster::cluster_state&) override {
    ++changes;
  }
  void on_level(cluster::shard_no shard) override { levels.push_back(shard); }
  void on_drain() override { ++drains; }
  void on_left() override { ++lefts; }
  void on_removed() override { ++removals; }
  void renew_identity(cluster::generation above) override {
    renewals.push_back(above);
  }
  void on_superseded(cluster::generation other) override {
    superseded.push_back(other);
  }

  cluster::steady_time now = at_ms(1000000);
  std::string disk;
  std::vector<std::pair<std::uint64_t, std::string>> saves;
  std::vector<std::pair<cluster::store_id, cluster::membership_body>> sent;
  std::vector<std::pair<cluster::asker_id, cluster::membership_body>> answers;
  std::vector<std::pair<cluster::endpoint, cluster::join_request>> asked;
  std::vector<cluster::shard_no> levels;
  std::vector<cluster::generation> renewals;
  std::vector<cluster::generation> superseded;
  bool has_renewed = false;
  int changes = 0;
  int drains = 0;
  int lefts = 0;
  int removals = 0;

private:
  std::unique_ptr<cluster::membership> core_;
};

/// Store 1 of a cluster of `size`, started and saved; nothing sent yet.
struct member_one : membership_node {
  explicit member_one(std::uint64_t size, std::uint32_t opened = 2,
                      std::uint64_t seed = 0)
    : membership_node(node_options(1, opened, seed),
                      cluster::local_record{cluster::store_id{1},
                                            some_state(size), {}, {}}) {
    REQUIRE(core().start(now) == cluster::start_verdict::member);
    save_all();
    sent.clear();
  }
};

/// What store n asks when it wants to join.
inline cluster::join_request join_request_of(std::uint64_t store) {
  cluster::join_request request;
  request.store = cluster::store_id{store};
  request.facts = some_member(store).facts;
  request.groups = 16;
  request.queue_partitions = 256;
  return request;
}

/// To whom it sent something, in order.
inline std::vector<cluster::store_id>
receivers(const membership_node& node) {
  std::vector<cluster::store_id> to;
  for (auto& [store, body] : node.sent)
    to.push_back(store);
  return to;
}

inline cluster::member_state state_at(const membership_node& node,
                                      cluster::store_id store) {
  return node.core().state()->members.find(store)->state;
}

} // namespace hetzel::test
