#pragma once

#include "cluster/broadcast/broadcast.hpp"
#include "test/simulation/sim_node.hpp"
#include "test/simulation/transport.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hetzel::test {

/// How the broadcast cores of a run are run.
struct core_options {
  cluster::broadcast_mode mode = cluster::broadcast_mode::automatic;
  std::size_t metadata_queue_bytes_max = std::size_t{16} << 20;
  std::size_t digest_all_nodes_max = 16;
  /// A link that is cut is seen to be down; else it only loses all.
  bool notices_cuts = true;
  /// Digests, prunes and grafts never arrive.
  bool lose_messages = false;
};

/// Adds up what is of interest here.
void add(cluster::broadcast_counters& sum,
         const cluster::broadcast_counters& more);

/// What a transport needs of the world around it.
class transport_host {
public:
  virtual ~transport_host() = default;

  [[nodiscard]] virtual std::map<node_no, sim_node*> running() = 0;
  [[nodiscard]] virtual bool is_cut(node_no from, node_no to) const = 0;
  [[nodiscard]] virtual cluster::moment now() const = 0;
};

/// A broadcast core at each node. Its prunes, grafts and digests travel as
/// bytes, its pulls are pulls of the replicas.
class broadcast_transport final : public transport {
public:
  broadcast_transport(core_options options, std::uint64_t seed,
                      transport_host& host);
  ~broadcast_transport() override;

  void broadcast(node_no from, const std::vector<node_no>& to,
                 const std::string& bytes) override;
  [[nodiscard]] std::size_t size() const override { return frames_.size(); }
  [[nodiscard]] letter take(std::size_t index) override;
  [[nodiscard]] letter copy(std::size_t index) const override {
    return frames_[index];
  }
  void clear() override;

  [[nodiscard]] std::size_t messages() const override {
    return messages_.size();
  }
  [[nodiscard]] letter take_message(std::size_t index) override;
  void on_message(const letter& received) override;
  void tick(node_no who) override;

  void on_started(node_no who) override;
  void on_gone(node_no who) override;
  void on_members(node_no who) override { stale_.insert(who); }
  void on_cut(node_no a, node_no b) override;
  void on_healed() override;
  void on_new(const letter& frame, cluster::store_id root) override;
  void on_known(const letter& frame, cluster::store_id root) override;
  void on_pull_ended(node_no who, bool is_done) override;

  /// Those of earlier processes too.
  [[nodiscard]] cluster::broadcast_counters counted() const override;

private:
  class station;

  /// The core of a running node, told of all that happened since it was last
  /// used; nothing for a node that is gone.
  station* at(node_no who);
  [[nodiscard]] bool is_linked(node_no a, node_no b) const;
  void carry(node_no from, cluster::store_id to, cluster::link_queue queue,
             const std::string& bytes);
  void on_taken(const letter& taken, cluster::link_queue queue);
  /// Takes out all that a node sent into a link that is cut.
  void lose_letters(node_no from);

  core_options options_;
  std::mt19937_64 random_;
  transport_host& host_;
  std::vector<letter> frames_;
  std::vector<letter> messages_;
  // Sent into a link that is cut and not seen to be.
  std::vector<std::pair<letter, cluster::link_queue>> lost_;
  std::map<node_no, std::unique_ptr<station>> stations_;
  // Nodes whose view of the members has changed.
  std::set<node_no> stale_;
  cluster::broadcast_counters gone_;
};

} // namespace hetzel::test
