#include "test/simulation/world.hpp"

namespace hetzel::test {

using namespace cluster;

world::world(world_options options)
  : options_(options),
    random_(options.seed) {
  if (options_.cores)
    frames_ = std::make_unique<broadcast_transport>(*options_.cores,
                                                    options_.seed, *this);
  else
    frames_ = std::make_unique<mesh_transport>();
  for (std::size_t k = 0; k < options_.keys; ++k)
    keys_.push_back("k" + std::to_string(k));
  for (std::size_t n = 0; n < options_.nodes; ++n)
    add_node();
}

std::vector<node_no> world::nodes() const {
  std::vector<node_no> all;
  for (auto& [number, node] : nodes_)
    all.push_back(number);
  return all;
}

void world::check() {
  for (auto number : touched_)
    if (has(number))
      node(number).check();
  touched_.clear();
}

// -- time and network ---------------------------------------------------------

moment world::now() const {
  return {std::chrono::steady_clock::time_point{now_},
          1'700'000'000'000 + static_cast<std::uint64_t>(now_.count())};
}

void world::broadcast(node_no from, std::string bytes) {
  std::vector<node_no> to;
  for (auto& [number, node] : nodes_)
    if (number != from && !is_cut(from, number))
      to.push_back(number);
  frames_->broadcast(from, to, bytes);
}

void world::send(node_no from, store_id to, std::string bytes,
                 std::shared_ptr<const shadow> meaning) {
  auto target = node_of(to);
  // A pull needs both directions; a message into the void is lost.
  if (!target || is_cut(from, *target) || is_cut(*target, from))
    return;
  links_.send({from, *target, std::move(bytes), std::move(meaning)});
}

void world::deliver_frame(std::size_t index, bool stays) {
  auto letter = stays ? frames_->copy(index) : frames_->take(index);
  if (!has(letter.to))
    return;
  touch(letter.to);
  node(letter.to).on_frame(letter);
}

void world::deliver_message(std::size_t index) {
  auto letter = frames_->take_message(index);
  if (!has(letter.to))
    return;
  touch(letter.to);
  frames_->on_message(letter);
}

void world::deliver_sync(std::size_t link, bool stays) {
  auto letter = stays ? links_.copy(link) : links_.take(link);
  if (!has(letter.to))
    return;
  touch(letter.to);
  node(letter.to).on_sync(letter);
}

void world::settle_pulls() {
  while (true) {
    for (auto& [number, node] : nodes_)
      node->flush();
    if (links_.empty())
      return;
    deliver_sync(below(links_.size()));
    check();
  }
}

void world::cut(node_no from, node_no to) {
  cuts_.insert({from, to});
  links_.cut(from, to);
  node(from).on_cut(node(to).store());
  node(to).on_cut(node(from).store());
  frames_->on_cut(from, to);
  say(from, [&] { return "cannot reach node " + std::to_string(to); });
}

void world::heal() {
  cuts_.clear();
  frames_->on_healed();
}

// -- nodes --------------------------------------------------------------------

std::map<node_no, sim_node*> world::running() {
  std::map<node_no, sim_node*> all;
  for (auto& [number, node] : nodes_)
    all[number] = node.get();
  return all;
}

std::optional<node_no> world::node_of(store_id store) const {
  for (auto& [number, node] : nodes_)
    if (node->store() == store)
      return number;
  return std::nullopt;
}

node_no world::add_node() {
  auto number = next_node_++;
  auto options = options_.node;
  if (options_.skewed)
    options.skew_ms = static_cast<std::int64_t>(below(7'200'000)) - 3'600'000;
  auto others = nodes();
  nodes_.emplace(number, std::make_unique<sim_node>(
                           number, store_id{++stores_}, options, *this));
  say(number, [&] {
    return "is new, with " + to_string(node(number).store());
  });
  if (!others.empty()) {
    auto seed = others[below(others.size())];
    gossip(seed, number);
    gossip(number, seed);
  }
  return number;
}

void world::remove_node(node_no number, node_no witness) {
  auto store = node(number).store();
  frames_->on_gone(number);
  nodes_.erase(number);
  for (auto other : nodes())
    links_.cut(number, other);
  node(witness).set_member({store, generation{0}, member_state::removed});
  say(number, [&] {
    return "is gone for good, removed by node " + std::to_string(witness);
  });
}

void world::gossip(node_no from, node_no to) {
  node(from).gossip_to(node(to));
  touch(to);
}

void world::pull(node_no number, node_no peer, pull_mode mode) {
  auto& puller = node(number);
  puller.start_pull(node(peer).store(), mode);
  settle_pulls();
  if (puller.last_pull == pull_outcome::need_full) {
    puller.start_pull(node(peer).store(), pull_mode::range);
    settle_pulls();
  }
  // A peer that knows more of us makes us rotate; then it serves us.
  if (puller.last_pull == pull_outcome::broken) {
    puller.start_pull(node(peer).store(), mode);
    settle_pulls();
    if (puller.last_pull == pull_outcome::need_full) {
      puller.start_pull(node(peer).store(), pull_mode::range);
      settle_pulls();
    }
  }
}

void world::say(node_no who, const std::function<std::string()>& what) {
  if (!options_.records_history)
    return;
  history_.push_back(std::to_string(now_.count()) + " ms  node "
                     + std::to_string(who) + " " + what());
}

} // namespace hetzel::test
