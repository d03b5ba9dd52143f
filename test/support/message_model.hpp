#pragma once

#include "persistence/messages/message_store.hpp"
#include "test/support/message_shard.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace hetzel::test {

/// What a queue must hold, said in the simplest way.
struct model_queue {
  struct entry {
    persistence::entry_stub stub;
    std::string body;

    bool operator==(const entry&) const = default;
  };

  std::map<persistence::sequence, entry> messages;
  std::optional<persistence::session_record> session;

  [[nodiscard]] std::uint64_t bytes() const;
  bool operator==(const model_queue&) const = default;
};

/// What a shard must hold.
struct model_shard {
  /// By client id.
  std::map<std::string, persistence::queue_id> names;
  std::map<persistence::queue_id, model_queue> queues;
  /// Bodies that were put, erased ones among them.
  std::set<persistence::body_id> bodies;

  bool operator==(const model_shard&) const = default;
};

/// Shards of a node with the faults of their disks, beside a model of what is
/// in them: random changes go to both; after every commit and every crash the
/// two are compared.
class model_node {
public:
  model_node(unsigned shards, std::uint32_t seed);

  /// A random change of some shard's batch.
  void change();

  /// Commits every shard's batch, or fails to; then sweeps a little.
  void commit();

  /// Every process ends; with `power` the machines do.
  void crash(bool power);

  /// As a crash with power that tears the batch it ends in.
  void tear();

  /// Sweeps until nothing is left to do, and compares all that is stored.
  void finish();

  /// Whether a comparison found a difference; for tests that expect it.
  [[nodiscard]] bool differs() const noexcept { return differs_; }
  void expect_differences() noexcept { lenient_ = true; }

private:
  struct shard {
    explicit shard(persistence::message_layout place) : store(place) {}

    message_shard store;
    /// With the batch, on the disk, and after a power loss that keeps so many
    /// unsynced batches.
    model_shard pending;
    model_shard committed;
    std::vector<model_shard> survivors{1};
    /// Of failed commits that surface later.
    std::vector<model_shard> hidden;
    std::map<persistence::queue_id, persistence::durable_queue> owners;
  };

  [[nodiscard]] std::size_t roll(std::size_t sides);
  shard& any_shard() { return shards_[roll(shards_.size())]; }

  void create_queue(shard& where);
  void erase_queue(shard& where);
  void clear_queue(shard& where);
  void put_session(shard& where);
  void append(shard& where);
  void append_shared();
  void erase_messages(shard& where);
  [[nodiscard]] persistence::deadline some_deadline();
  [[nodiscard]] std::optional<persistence::queue_id>
  any_queue(const shard& where);

  void try_commit(shard& what);
  void succeed(shard& what, std::size_t unsynced_before);
  void exchange_changes();
  void sweep();

  void reopen();
  void survive(shard& what, const model_shard& state);
  void compare(shard& what);
  void compare_queue(shard& what, persistence::queue_id id);
  void compare_expiry(shard& what);
  [[nodiscard]] bool may_dangle(const persistence::entry_key& key,
                                const persistence::entry_stub& stub) const;
  void check(bool holds, const char* what);

  std::mt19937 random_;
  std::uint32_t seed_;
  std::deque<shard> shards_;
  std::vector<std::unique_ptr<persistence::body_id_source>> sources_;
  std::map<persistence::body_id, std::string> bodies_;
  // Messages that were ever erased: a power loss may bring them back without
  // their bodies.
  std::set<persistence::entry_key> erased_;
  bool settled_ = false;
  bool power_lost_ = false;
  bool lenient_ = false;
  bool differs_ = false;
  int clients_ = 0;
};

} // namespace hetzel::test
