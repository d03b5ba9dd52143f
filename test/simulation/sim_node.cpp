#include "test/simulation/sim_node.hpp"

#include "cluster/swc/frame_codec.hpp"
#include "cluster/swc/sync_codec.hpp"
#include "test/simulation/sim_text.hpp"

#include <algorithm>

namespace hetzel::test {

using namespace cluster;

std::string to_string(store_id store) {
  return "s" + std::to_string(static_cast<std::uint64_t>(store));
}

sim_node::sim_node(node_no number, store_id store, node_options options,
                   surroundings& world)
  : number_(number),
    store_(store),
    options_(options),
    world_(world),
    disk_(std::make_unique<persistence::memory_store>()) {
  members_[store_] = {store_, generation{1}, member_state::up};
  take_actor();
  start();
}

void sim_node::take_actor() {
  actor_ = world_.fresh_actor();
  actors_.push_back(actor_);
}

void sim_node::fail(const std::string& what) const {
  throw broken_rule(what + " at node " + std::to_string(number_));
}

moment sim_node::now() const {
  auto now = world_.now();
  now.wall_ms = static_cast<std::uint64_t>(
    static_cast<std::int64_t>(now.wall_ms) + options_.skew_ms);
  return now;
}

// -- the process --------------------------------------------------------------

void sim_node::start() {
  members_[store_].newest = generation{++opened_};
  uncommitted_.clear();
  servers_.clear();
  tokens_.clear();
  merging_.clear();
  taken_.clear();
  last_committed_ = 0;
  replica_options options;
  options.store = store_;
  options.opened = generation{opened_};
  options.actor = actor_;
  options.frames = options_.frames;
  options.window = options_.window;
  options.sweep_max = options_.sweep_max;
  options.faults = options_.faults;
  core_ = std::make_unique<replica>(options, *disk_, *this);
  world_.on_started(number_);
  set_member(members_[store_]);
  note_durable();
  reload();
}

void sim_node::reload() {
  histories_ = histories_in(*disk_);
  view_.clear();
  for (auto& key : core_->state().keys("", std::nullopt))
    if (auto seen = core_->read(key))
      view_[key] = *seen;
}

void sim_node::end_process(std::size_t half_done) {
  for (; half_done != 0 && !uncommitted_.empty(); --half_done) {
    (void) disk_->write(uncommitted_.front().batch,
                        options_.synced ? persistence::durability::synced
                                        : persistence::durability::written);
    uncommitted_.pop_front();
  }
  for (auto& lost : uncommitted_)
    for (auto event : lost.events)
      world_.truth().forget(event);
  core_.reset();
}

void sim_node::crash(std::size_t half_done) {
  end_process(half_done);
  disk_->restart();
  // The host syncs before it makes a replica.
  (void) disk_->write({}, persistence::durability::synced);
  start();
  world_.say(number_, [&] { return "crashed, up again"; });
}

void sim_node::lose_power(std::size_t half_done, std::size_t kept) {
  end_process(half_done);
  disk_->lose_power(std::min(kept, disk_->unsynced()));
  if (!options_.faults.keep_regressed_actor)
    take_actor();
  start();
  world_.say(number_, [&] {
    return "lost power, up again with actor "
           + std::to_string(static_cast<std::uint64_t>(actor_)) + ", knows"
           + text(core_->state().clock());
  });
  if (options_.synced)
    for (auto& [key, events] : acknowledged_)
      if (!histories_[key].includes(events))
        fail("R8: an acknowledged write of " + key + " is lost");
}

void sim_node::rotate() {
  rotates_ = false;
  take_actor();
  core_->rotate(actor_);
  world_.say(number_, [&] {
    return "rotates to actor "
           + std::to_string(static_cast<std::uint64_t>(actor_));
  });
}

persistence::write_batch sim_node::image() const {
  persistence::write_batch image;
  auto all = disk_->scan("", "");
  for (; all->valid(); all->next())
    image.put(all->key(), all->value());
  return image;
}

void sim_node::restore(const persistence::write_batch& image) {
  end_process(0);
  disk_ = std::make_unique<persistence::memory_store>();
  (void) disk_->write(image, persistence::durability::synced);
  acknowledged_.clear();
  if (!options_.faults.keep_regressed_actor)
    take_actor();
  start();
  world_.say(number_, [&] {
    return "was restored from a backup, knows" + text(core_->state().clock());
  });
}

// -- clients and time ---------------------------------------------------------

void sim_node::write(
  const std::vector<std::pair<std::string, bool>>& mutations) {
  auto next = core_->state().clock().at(actor_).base() + 1;
  auto token = next_token_++;
  std::vector<mutation> batch;
  std::deque<std::string> values;
  auto known = histories_;
  for (auto& [key, is_put] : mutations) {
    auto& history = known[key];
    auto seen = world_.truth().visible(history);
    batch.push_back({key, std::nullopt});
    auto is_empty = true;
    seen.each([&](std::size_t) { is_empty = false; });
    if (!is_put && is_empty)
      continue;
    dot id{actor_, next++};
    if (is_put)
      batch.back().value = values.emplace_back(to_string(id));
    auto event = world_.truth().record({id, key, is_put, history, false});
    history.insert(event);
    merging_[key].insert(event);
    tokens_[token].insert(event);
    writing_.push_back(event);
    world_.say(number_, [&, key = key, is_put = is_put] {
      return (is_put ? "puts " : "deletes ") + key + " as " + to_string(id);
    });
  }
  core_->write(batch, token, now());
  merging_.clear();
}

void sim_node::flush(std::size_t commits) {
  auto level = options_.synced ? persistence::durability::synced
                               : persistence::durability::written;
  for (; commits != 0 && !uncommitted_.empty(); --commits) {
    auto due = std::move(uncommitted_.front());
    uncommitted_.pop_front();
    (void) disk_->write(due.batch, level);
    last_committed_ = due.number;
    core_->on_committed(due.number);
    for (; !taken_.empty() && taken_.front().first <= due.number;
         taken_.pop_front())
      world_.on_new_frame(taken_.front().second.first,
                          taken_.front().second.second);
    if (options_.synced) {
      core_->on_synced(due.number);
      note_durable();
    }
  }
  if (rotates_)
    rotate();
}

void sim_node::sync() {
  flush();
  (void) disk_->write({}, persistence::durability::synced);
  core_->on_synced(last_committed_);
  note_durable();
}

void sim_node::note_durable() {
  auto image = shard_image::load(*disk_, shard_no{});
  world_.ever_stable(store_).join(image.clock.base());
}

void sim_node::collect() {
  (void) core_->collect();
  world_.say(number_, [&] {
    return "collects, has " + std::to_string(core_->state().dots())
           + " dots, floor" + text(core_->state().image().floor);
  });
}

void sim_node::start_pull(store_id peer, pull_mode mode) {
  if (core_->is_pulling())
    return;
  last_pull.reset();
  pull_mode_ = mode;
  pull_peer_ = peer;
  if (core_->start_pull(peer, mode, now()))
    world_.say(number_, [&] {
      return std::string("pulls ")
             + (mode == pull_mode::range  ? "all"
                : mode == pull_mode::dots ? "dots"
                                          : "some")
             + " from " + to_string(peer) + " knowing"
             + text(core_->state().clock());
    });
}

// -- members ------------------------------------------------------------------

void sim_node::set_member(shard_member member) {
  auto& known = members_.try_emplace(member.store, member).first->second;
  known.state = std::max(known.state, member.state);
  known.newest = std::max(known.newest, member.newest);
  std::vector<shard_member> all;
  for (auto& [store, entry] : members_)
    all.push_back(entry);
  core_->set_members(all);
  world_.on_members(number_);
}

void sim_node::gossip_to(sim_node& other) const {
  auto removed = other.members_.find(store_);
  if (removed != other.members_.end()
      && removed->second.state == member_state::removed)
    return;
  for (auto& [store, member] : members_)
    other.set_member(member);
  auto& image = core_->state().image();
  other.core_->add_voids(image.voids);
  for (auto& [member, row] : image.rows)
    other.core_->raise_row(member, row);
  other.core_->raise_row(store_, core_->stable());
}

// -- replica_sink -------------------------------------------------------------

void sim_node::commit(ticket number, persistence::write_batch batch) {
  for (auto& [key, events] : merging_) {
    auto& history = histories_[key];
    history.unite(events);
    batch.put(history_key(key), history.bytes());
  }
  merging_.clear();
  has_committed_ = true;
  uncommitted_.push_back({number, std::move(batch), std::move(writing_)});
  writing_.clear();
}

void sim_node::broadcast(frame delta) {
  world_.broadcast(number_, encode_frame(delta));
}

void sim_node::send(store_id to, sync_message message) {
  world_.send(number_, to, encode_sync(message), nullptr);
}

void sim_node::on_written(write_token token) {
  auto found = tokens_.find(token);
  if (found == tokens_.end())
    return;
  found->second.each([&](std::size_t event) {
    acknowledged_[world_.truth().at(event).key].insert(event);
  });
  tokens_.erase(found);
}

void sim_node::on_change(const change& what) {
  auto shown = view_.find(what.key);
  auto was = shown == view_.end() ? dot{} : shown->second.id;
  if (was != (what.before ? what.before->id : dot{}))
    fail("R16: a change of " + what.key + " from what it was not");
  if (what.after)
    view_[what.key] = *what.after;
  else
    view_.erase(what.key);
}

void sim_node::on_pull_ended(store_id peer, pull_outcome outcome) {
  last_pull = outcome;
  world_.on_pull_ended(number_, outcome);
  world_.say(number_, [&] {
    constexpr const char* names[] = {"done",         "grafted", "need full",
                                     "not a member", "busy",    "broken"};
    return "ends a pull from " + to_string(peer) + ": "
           + names[static_cast<int>(outcome)] + ", knows"
           + text(core_->state().clock());
  });
}

void sim_node::on_clock_regressed(std::uint64_t) {
  // Not from within the replica's own function.
  rotates_ = true;
}

} // namespace hetzel::test
