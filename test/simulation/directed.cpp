#include "test/simulation/directed.hpp"

namespace hetzel::test {

namespace {

world_options make_options(const stage_options& options) {
  world_options made;
  made.nodes = options.nodes;
  made.node.synced = options.synced;
  made.node.frames.items = options.frame_items;
  made.node.window = options.window;
  made.node.sweep_max = options.sweep_max;
  made.node.faults = options.faults;
  made.skip_levelling = options.skip_levelling;
  return made;
}

} // namespace

stage::stage(const stage_options& options) : world_(make_options(options)) {
  for (auto round = 0; round < 2; ++round)
    tell_all_of(world_.nodes());
}

void stage::write(node_no who, const std::string& key, bool is_put) {
  auto& node = world_.node(who);
  node.write({{key, is_put}});
  node.flush();
  world_.check(who);
}

letter stage::take(node_no from, node_no to) {
  auto& frames = world_.frames();
  for (std::size_t i = 0; i < frames.size(); ++i) {
    auto seen = frames.copy(i);
    if (seen.from == from && seen.to == to)
      return frames.take(i);
  }
  return {};
}

void stage::hand_over(const letter& frame) {
  if (frame.bytes.empty())
    return;
  auto& node = world_.node(frame.to);
  node.on_frame(frame);
  node.flush();
  world_.check(frame.to);
}

void stage::deliver(node_no from, node_no to) {
  hand_over(take(from, to));
}

void stage::deliver_all() {
  while (world_.frames().size() != 0)
    hand_over(world_.frames().take(0));
}

void stage::start_pull(node_no who, node_no peer, cluster::pull_mode mode) {
  world_.node(who).start_pull(world_.node(peer).store(), mode);
}

void stage::step(std::size_t messages) {
  for (; messages != 0 && !world_.links().empty(); --messages) {
    world_.deliver_sync(0);
    for (auto n : world_.nodes())
      world_.node(n).flush();
    world_.check();
  }
}

void stage::step_until_range_frame(node_no who) {
  // With everything in one frame: the request, then the frame.
  step(1);
  auto before = world_.node(who).core().counters().frames_applied;
  while (world_.node(who).core().counters().frames_applied == before
         && !world_.links().empty())
    world_.deliver_sync(0);
  world_.node(who).flush();
}

void stage::give_up_all_but(node_no who, node_no partner) {
  for (auto n : world_.nodes())
    if (n != who && n != partner)
      world_.node(who).core().evict(world_.node(n).store());
  world_.node(who).sync();
  world_.node(partner).sync();
  world_.gossip(partner, who);
}

void stage::tell_all_of(const std::vector<node_no>& nodes) {
  for (auto n : nodes)
    world_.node(n).sync();
  for (auto a : nodes)
    for (auto b : nodes)
      if (a != b)
        world_.gossip(a, b);
}

void stage::collect(node_no who) {
  auto& node = world_.node(who);
  while (node.core().collect())
    node.sync();
  node.sync();
}

} // namespace hetzel::test
