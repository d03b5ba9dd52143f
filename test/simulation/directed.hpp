#pragma once

#include "test/simulation/world.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace hetzel::test {

struct stage_options {
  std::size_t nodes = 3;
  bool synced = true;
  std::size_t frame_items = 1000;
  std::uint32_t window = 4;
  std::size_t sweep_max = 2000;
  bool skip_levelling = false;
  cluster::replica_faults faults{};
};

/// A world whose nodes know each other and where nothing happens by chance.
class stage {
public:
  explicit stage(const stage_options& options);

  [[nodiscard]] test::world& world() noexcept { return world_; }

  // Committed at once; the frames wait.
  void put(node_no who, const std::string& key) { write(who, key, true); }
  void erase(node_no who, const std::string& key) { write(who, key, false); }

  /// The oldest frame between the two, if there is one.
  [[nodiscard]] letter take(node_no from, node_no to);
  void hand_over(const letter& frame);
  void deliver(node_no from, node_no to);
  void deliver_all();
  void lose_frames() { world_.frames().clear(); }

  void start_pull(node_no who, node_no peer, cluster::pull_mode mode);
  /// So many messages of pulls arrive, the oldest first.
  void step(std::size_t messages);
  void step_until_range_frame(node_no who);
  void finish_pulls() { world_.settle_pulls(); }

  /// `who` and `partner` tell each other what they have; all others do not
  /// count any more for `who`.
  void give_up_all_but(node_no who, node_no partner);
  void tell_all_of(const std::vector<node_no>& nodes);
  void collect(node_no who);
  void lose_node(node_no gone, node_no witness) {
    world_.remove_node(gone, witness);
  }

private:
  void write(node_no who, const std::string& key, bool is_put);

  test::world world_;
};

} // namespace hetzel::test
