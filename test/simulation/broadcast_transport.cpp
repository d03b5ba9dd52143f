#include "test/simulation/broadcast_transport.hpp"

#include <utility>

namespace hetzel::test {

using namespace cluster;

void add(broadcast_counters& sum, const broadcast_counters& more) {
  for (auto field :
       {&broadcast_counters::frames_new, &broadcast_counters::frames_duplicate,
        &broadcast_counters::frames_dropped, &broadcast_counters::prunes_sent,
        &broadcast_counters::grafts_sent, &broadcast_counters::grafts_received,
        &broadcast_counters::digests_received, &broadcast_counters::pulls})
    sum.*field += more.*field;
}

/// The core of one process, and what it sees of its node.
class broadcast_transport::station final : public shard_reports,
                                           public broadcast_sink {
public:
  station(broadcast_transport& owner, sim_node& node)
    : owner_(owner),
      node_(node),
      store_(node.store()),
      core_(make_options(owner, node), *this, *this,
            std::mt19937_64{owner.random_()}, owner.host_.now().steady) {}

  [[nodiscard]] cluster::broadcast& core() noexcept { return core_; }
  [[nodiscard]] store_id store() const noexcept { return store_; }
  [[nodiscard]] cluster::broadcast::time_point now() const {
    return owner_.host_.now().steady;
  }

  /// As the node knows the members; who counts for whom is what they say.
  void tell_members() {
    std::vector<broadcast_member> members;
    std::uint64_t version = 0;
    auto nodes = owner_.host_.running();
    for (auto& [store, member] : node_.members()) {
      broadcast_member made{store, member.newest, member.state, {}, {}};
      for (auto& [number, other] : nodes)
        if (other->store() == store) {
          made.actors = other->actors();
          made.zone = "zone " + std::to_string(number % 3);
        }
      members.push_back(std::move(made));
      version = version * 31 + static_cast<std::uint64_t>(store) * 8
                + static_cast<std::uint64_t>(member.state);
    }
    core_.set_members(std::move(members), version, now());
  }

  // -- shard_reports ----------------------------------------------------------

  [[nodiscard]] std::size_t shards() const override { return 1; }
  [[nodiscard]] const shard_report& report(shard_no) const override {
    auto& replica = node_.core();
    report_.known = replica.state().clock();
    report_.committed = replica.committed_clock();
    report_.stable = replica.stable();
    report_.dots = replica.state().dots();
    return report_;
  }

  // -- broadcast_sink ---------------------------------------------------------

  void send(store_id to, link_queue queue, shared_bytes bytes) override {
    owner_.carry(node_.number(), to, queue, *bytes);
  }
  bool start_pull(shard_no, store_id peer) override {
    if (node_.core().is_pulling())
      return false;
    node_.start_pull(peer, pull_mode::dots);
    return node_.core().is_pulling();
  }
  void on_row(shard_no, store_id member, const version_vector& row,
              std::uint64_t) override {
    node_.core().raise_row(member, row);
  }
  void on_other_membership(store_id, std::uint64_t) override {}

private:
  static broadcast_options make_options(const broadcast_transport& owner,
                                        const sim_node& node) {
    broadcast_options made;
    made.store = node.store();
    made.opened = node.opened();
    made.mode = owner.options_.mode;
    made.metadata_queue_bytes_max = owner.options_.metadata_queue_bytes_max;
    made.digest_all_nodes_max = owner.options_.digest_all_nodes_max;
    return made;
  }

  broadcast_transport& owner_;
  sim_node& node_;
  store_id store_;
  mutable shard_report report_;
  cluster::broadcast core_;
};

broadcast_transport::broadcast_transport(core_options options,
                                         std::uint64_t seed,
                                         transport_host& host)
  : options_(options), random_(seed), host_(host) {}

broadcast_transport::~broadcast_transport() = default;

// -- stations -----------------------------------------------------------------

bool broadcast_transport::is_linked(node_no a, node_no b) const {
  return !options_.notices_cuts
         || (!host_.is_cut(a, b) && !host_.is_cut(b, a));
}

broadcast_transport::station* broadcast_transport::at(node_no who) {
  auto nodes = host_.running();
  auto running = nodes.find(who);
  if (running == nodes.end())
    return nullptr;
  auto found = stations_.find(who);
  if (found == stations_.end()) {
    found = stations_
              .emplace(who, std::make_unique<station>(*this, *running->second))
              .first;
    for (auto& [other, peer] : stations_)
      if (other != who && is_linked(who, other)) {
        found->second->core().on_link_up(peer->store());
        // Of a process before, it may be.
        peer->core().on_link_down(found->second->store());
        peer->core().on_link_up(found->second->store());
      }
    stale_.insert(who);
  }
  if (stale_.erase(who) != 0)
    found->second->tell_members();
  return found->second.get();
}

void broadcast_transport::on_started(node_no who) {
  auto found = stations_.find(who);
  if (found == stations_.end())
    return;
  add(gone_, found->second->core().counters());
  stations_.erase(found);
}

void broadcast_transport::on_gone(node_no who) {
  auto found = stations_.find(who);
  if (found == stations_.end())
    return;
  auto store = found->second->store();
  on_started(who);
  for (auto& [other, peer] : stations_)
    peer->core().on_link_down(store);
}

void broadcast_transport::on_cut(node_no a, node_no b) {
  if (!options_.notices_cuts)
    return;
  for (auto [one, other] : {std::pair{a, b}, std::pair{b, a}}) {
    auto found = stations_.find(one);
    auto peer = stations_.find(other);
    if (found != stations_.end() && peer != stations_.end())
      found->second->core().on_link_down(peer->second->store());
  }
}

void broadcast_transport::on_healed() {
  for (auto& [one, here] : stations_)
    for (auto& [other, peer] : stations_)
      if (one != other && is_linked(one, other)
          && !here->core().peers().is_open(peer->store()))
        here->core().on_link_up(peer->store());
}

// -- frames and messages ------------------------------------------------------

void broadcast_transport::carry(node_no from, store_id to, link_queue queue,
                                const std::string& bytes) {
  for (auto& [number, node] : host_.running())
    if (node->store() == to) {
      letter sent{from, number, bytes, nullptr};
      if (host_.is_cut(from, number))
        lost_.emplace_back(std::move(sent), queue);
      else if (queue == link_queue::metadata)
        frames_.push_back(std::move(sent));
      else
        messages_.push_back(std::move(sent));
      return;
    }
}

void broadcast_transport::lose_letters(node_no from) {
  for (auto& [sent, queue] : std::exchange(lost_, {}))
    if (sent.from == from)
      on_taken(sent, queue);
    else
      lost_.emplace_back(std::move(sent), queue);
}

void broadcast_transport::broadcast(node_no from, const std::vector<node_no>&,
                                    const std::string& bytes) {
  if (auto* here = at(from))
    here->core().on_local(std::make_shared<const std::string>(bytes));
}

letter broadcast_transport::take(std::size_t index) {
  auto taken = std::move(frames_[index]);
  frames_.erase(frames_.begin() + static_cast<std::ptrdiff_t>(index));
  on_taken(taken, link_queue::metadata);
  return taken;
}

letter broadcast_transport::take_message(std::size_t index) {
  auto taken = std::move(messages_[index]);
  messages_.erase(messages_.begin() + static_cast<std::ptrdiff_t>(index));
  on_taken(taken, link_queue::control);
  return taken;
}

void broadcast_transport::on_taken(const letter& taken, link_queue queue) {
  auto nodes = host_.running();
  auto to = nodes.find(taken.to);
  auto* here = at(taken.from);
  if (here && to != nodes.end())
    here->core().on_sent(to->second->store(), queue, taken.bytes.size());
}

void broadcast_transport::clear() {
  while (!frames_.empty())
    (void) take(frames_.size() - 1);
  while (!messages_.empty())
    (void) take_message(messages_.size() - 1);
}

void broadcast_transport::on_message(const letter& received) {
  auto* sender = at(received.from);
  auto* here = at(received.to);
  if (!sender || !here || options_.lose_messages)
    return;
  auto fault
    = here->core().on_message(sender->store(), received.bytes, here->now());
  if (fault != errc::none)
    throw broken_rule("a message of a broadcast core was refused");
}

void broadcast_transport::tick(node_no who) {
  lose_letters(who);
  if (auto* here = at(who))
    here->core().tick(here->now());
}

void broadcast_transport::on_new(const letter& frame, store_id root) {
  auto* sender = at(frame.from);
  auto* here = at(frame.to);
  if (sender && here)
    here->core().on_new(sender->store(), root,
                        std::make_shared<const std::string>(frame.bytes));
}

void broadcast_transport::on_known(const letter& frame, store_id root) {
  auto* sender = at(frame.from);
  auto* here = at(frame.to);
  if (sender && here)
    here->core().on_duplicate(sender->store(), root, here->now());
}

void broadcast_transport::on_pull_ended(node_no who, bool is_done) {
  auto found = stations_.find(who);
  if (found != stations_.end())
    found->second->core().on_pull_ended(shard_no{}, is_done,
                                        found->second->now());
}

broadcast_counters broadcast_transport::counted() const {
  auto sum = gone_;
  for (auto& [who, here] : stations_)
    add(sum, here->core().counters());
  return sum;
}

} // namespace hetzel::test
