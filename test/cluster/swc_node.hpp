#pragma once

#include "cluster/swc/replica.hpp"
#include "cluster/swc/sync_codec.hpp"
#include "persistence/key_value_store.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hetzel::test {

/// A replica on a store, with everything it says kept. Nothing is committed
/// before `settle`.
class swc_node final : public cluster::replica_sink {
public:
  /// Actor 100 + n counts for store n.
  swc_node(std::uint64_t number,
           std::unique_ptr<persistence::key_value_store> store,
           cluster::replica_options options = {})
    : own{number}, disk(std::move(store)) {
    options.store = own;
    options.opened = cluster::generation{1};
    options.actor = cluster::actor_id{100 + number};
    core = std::make_unique<cluster::replica>(options, *disk, *this);
  }

  void know(std::initializer_list<std::uint64_t> members) {
    std::vector<cluster::shard_member> all;
    for (auto member : members)
      all.push_back({cluster::store_id{member}, cluster::generation{1},
                     cluster::member_state::up});
    core->set_members(all);
  }

  void settle() {
    for (std::size_t i = 0; i < due.size(); ++i) {
      auto [number, batch] = std::move(due[i]);
      if (disk->write(batch, persistence::durability::written)
          != persistence::errc::none)
        return;
      core->on_committed(number);
      core->on_synced(number);
    }
    due.clear();
  }

  void put(const std::string& key, const std::string& value) {
    cluster::mutation what{key, value};
    core->write({&what, 1}, ++tokens, now());
  }

  void erase(const std::string& key) {
    cluster::mutation what{key, std::nullopt};
    core->write({&what, 1}, ++tokens, now());
  }

  /// The write frames since the last time.
  std::vector<cluster::frame> take_frames() {
    settle();
    return std::exchange(frames, {});
  }

  cluster::frame_verdict take(const cluster::frame& delta) {
    auto verdict = core->on_frame(delta, now());
    settle();
    return verdict;
  }

  /// Begins a pull; what it asks the peer for.
  cluster::sync_request request_pull(swc_node& peer, cluster::pull_mode mode) {
    (void) core->start_pull(peer.own, mode, now());
    return std::get<cluster::sync_request>(outbox.at(0));
  }

  /// The other side, from the records as they are now.
  auto serve(const cluster::sync_request& request) {
    return core->serve(request, disk->snapshot(), now());
  }

  /// A pull from beginning to end, over the wire; how many bytes went either
  /// way. `ended` has how it went.
  std::size_t pull(swc_node& peer, cluster::pull_mode mode) {
    std::size_t bytes = 0;
    ended.reset();
    outbox.clear();
    if (!core->start_pull(peer.own, mode, now()))
      return 0;
    auto request = over_the_wire(std::exchange(outbox, {}).at(0), bytes);
    auto server = peer.serve(std::get<cluster::sync_request>(request));
    if (!server) {
      core->on_refusal(server.error());
      return bytes;
    }
    while (auto message = server->next()) {
      hand_over(over_the_wire(*message, bytes));
      settle();
      for (auto& answer : std::exchange(outbox, {})) {
        auto sent = over_the_wire(answer, bytes);
        if (auto* ack = std::get_if<cluster::sync_ack>(&sent))
          server->on_ack(*ack, now().steady);
        else
          peer.core->on_done(std::get<cluster::sync_done>(sent));
      }
    }
    return bytes;
  }

  static cluster::moment now() {
    return {std::chrono::steady_clock::time_point{}, 1'700'000'000'000};
  }

  [[nodiscard]] std::string value(const std::string& key) const {
    auto seen = core->read(key);
    return seen ? seen->value : "";
  }

  // -- replica_sink -----------------------------------------------------------

  void commit(cluster::ticket number, persistence::write_batch batch) override {
    due.emplace_back(number, std::move(batch));
  }
  void broadcast(cluster::frame delta) override {
    if (keeps_frames)
      frames.push_back(std::move(delta));
  }
  void send(cluster::store_id, cluster::sync_message message) override {
    outbox.push_back(std::move(message));
  }
  void on_written(cluster::write_token token) override {
    written.push_back(token);
  }
  void on_change(const cluster::change& what) override {
    if (keeps_frames)
      changes.push_back(what);
  }
  void on_pull_ended(cluster::store_id, cluster::pull_outcome how) override {
    ended = how;
  }
  void on_clock_regressed(std::uint64_t counter) override {
    regressed = counter;
  }

  cluster::store_id own;
  std::unique_ptr<persistence::key_value_store> disk;
  std::unique_ptr<cluster::replica> core;
  std::vector<std::pair<cluster::ticket, persistence::write_batch>> due;
  std::vector<cluster::frame> frames;
  std::vector<cluster::sync_message> outbox;
  std::vector<cluster::write_token> written;
  std::vector<cluster::change> changes;
  std::optional<cluster::pull_outcome> ended;
  std::optional<std::uint64_t> regressed;
  cluster::write_token tokens = 0;
  /// Off where only speed is asked for.
  bool keeps_frames = true;

private:
  static cluster::sync_message
  over_the_wire(const cluster::sync_message& message, std::size_t& bytes) {
    auto encoded = cluster::encode_sync(message);
    bytes += encoded.size();
    return cluster::decode_sync(encoded).value();
  }

  void hand_over(const cluster::sync_message& received) {
    if (auto* delta = std::get_if<cluster::frame>(&received))
      (void) core->on_frame(*delta, now());
    else
      core->on_end(std::get<cluster::sync_end>(received), now());
  }
};

} // namespace hetzel::test
