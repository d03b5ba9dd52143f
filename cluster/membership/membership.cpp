#include "cluster/membership/membership.hpp"

#include "protocol/assert.hpp"

#include <algorithm>

namespace hetzel::cluster {

namespace {

/// Every process of a store begins with another one, so that two lives of the
/// same generation, as a backup makes them, can be told apart.
std::uint32_t random_revision(std::uint64_t random) {
  return static_cast<std::uint32_t>(random % (1U << 24U)) + 1;
}

} // namespace

membership::membership(membership_options options,
                       std::optional<local_record> remembered,
                       membership_sink& sink)
  : options_(std::move(options)),
    sink_(sink),
    seeking_(options_.join, *this, options_.random),
    gossip_(options_.gossip, options_.random),
    departure_(options_.farewell_max),
    draft_(std::move(remembered)),
    first_revision_(random_revision(options_.random())),
    revision_(first_revision_) {
  HETZEL_ASSERT(is_valid(make_facts()));
}

start_verdict membership::start(steady_time now) {
  if (!draft_) {
    if (options_.seeds.empty()) {
      form_cluster();
      return start_verdict::forming;
    }
    if (options_.has_records)
      return start_verdict::not_empty;
    seeking_.start(options_.seeds, now);
    settle_forming();
    return start_verdict::seeking;
  }
  auto* known = draft_->state.members.find(options_.store);
  if (draft_->own != options_.store || known == nullptr
      || draft_->state.params.groups != options_.groups)
    return start_verdict::foreign_record;
  if (known->is_removed())
    return start_verdict::removed;
  for (auto store : draft_->admitted)
    absent_since_[store] = now;
  auto last = known->facts;
  absorb_actors(last);
  draft_->state.members.merge(own_member());
  changed(true);
  if (last.opened >= options_.opened)
    on_conflict(last.opened);
  return start_verdict::member;
}

void membership::tick(steady_time now) {
  seeking_.tick(now);
  settle_forming();
  if (departure_.tick(now))
    on_step_changed();
  if (!saved_ || was_removed_ || departure_.step() == departure_step::gone)
    return;
  expire_joins(now);
  auto others = saved_->state.members.active();
  std::erase(others, options_.store);
  if (auto peer = gossip_.pick(others, now))
    push(*peer, now, true);
}

// -- saving -------------------------------------------------------------------

void membership::changed(bool push) {
  push_draft_ = push_draft_ || push;
  if (in_flight_) {
    is_dirty_ = true;
    return;
  }
  is_dirty_ = false;
  std::erase_if(draft_->admitted, [this](store_id store) {
    return draft_->state.members.find(store)->state != member_state::joining;
  });
  in_flight_ = draft_;
  push_in_flight_ = std::exchange(push_draft_, false);
  ++counters_.saves;
  sink_.save(++ticket_, encode_local_record(*in_flight_));
}

void membership::on_saved(std::uint64_t ticket, steady_time now) {
  if (!in_flight_ || ticket != ticket_)
    return;
  auto before = std::exchange(saved_, std::move(in_flight_));
  in_flight_.reset();
  publish(before, push_in_flight_, now);
  if (is_dirty_)
    changed(false);
}

void membership::publish(const std::optional<local_record>& before, bool push,
                         steady_time now) {
  auto& state = saved_->state;
  gossip_.set_own(version_of(state));
  if (!before || before->state != state)
    sink_.on_change(before ? &before->state : nullptr, state);
  answer_askers();
  for (auto& [store, one] : state.members) {
    if (store == options_.store)
      continue;
    // Who was just removed is told, once.
    auto was_active = before && before->state.members.is_member(store);
    if (push && (!one.is_removed() || was_active))
      this->push(store, now, true);
    else if (owed_.contains(store)
             && (one.is_removed() || gossip_.differs(store)))
      this->push(store, now, false);
  }
  owed_.clear();
  for (auto shard : levelling_.begin(state.voids, saved_->levelled))
    sink_.on_level(shard);
  act_on_own_state(now);
}

void membership::act_on_own_state(steady_time now) {
  auto state = own_state();
  if (state == member_state::leaving && departure_.begin())
    sink_.on_drain();
  if (state != member_state::removed || was_removed_)
    return;
  std::set<store_id> told;
  for (auto store : saved_->state.members.active())
    if (reachable_.contains(store))
      told.insert(store);
  if (departure_.on_removal_saved(told, now)) {
    on_step_changed();
  } else if (departure_.step() < departure_step::announcing) {
    was_removed_ = true;
    sink_.on_removed();
  }
}

void membership::on_step_changed() {
  if (departure_.step() == departure_step::gone)
    sink_.on_left();
}

// -- own facts ----------------------------------------------------------------

member_facts membership::make_facts() const {
  auto retired = lost_actors_;
  retired.insert(options_.retired.begin(), options_.retired.end());
  retired.erase(options_.actor);
  return {options_.opened,    revision_,     options_.name,
          options_.addresses, options_.zone, options_.protocol,
          options_.actor,     {retired.begin(), retired.end()}};
}

member membership::own_member() const {
  // Joining is the least state: merging it changes none.
  return {options_.store, member_state::joining, make_facts()};
}

void membership::change_own() {
  ++revision_;
  if (draft_ && draft_->state.members.merge(own_member()))
    changed(true);
}

member_state membership::own_state() const noexcept {
  auto* known = saved_ ? saved_->state.members.find(options_.store) : nullptr;
  return known == nullptr ? member_state::joining : known->state;
}

hello membership::make_hello() const {
  hello made;
  made.store = options_.store;
  made.opened = options_.opened;
  made.name = options_.name;
  // Whoever looks for another cluster does not come as a member of its own.
  if (saved_ && !seeking_.is_running())
    made.cluster = saved_->state.params.id;
  made.membership_version = version();
  made.protocol = options_.protocol;
  made.groups = options_.groups;
  made.queue_partitions = saved_ ? saved_->state.params.queue_partitions
                                 : options_.queue_partitions;
  for (std::size_t i = 0; i < made.nonce.size(); i += 8) {
    auto random = options_.random();
    for (std::size_t j = 0; j < 8; ++j)
      made.nonce[i + j] = static_cast<std::uint8_t>(random >> 8 * j);
  }
  return made;
}

void membership::set_addresses(member_addresses addresses) {
  if (options_.addresses == addresses)
    return;
  options_.addresses = std::move(addresses);
  change_own();
}

void membership::set_actor(actor_id actor, std::vector<actor_id> retired) {
  options_.actor = actor;
  options_.retired = std::move(retired);
  change_own();
}

void membership::on_renewed(generation opened, actor_id actor,
                            std::vector<actor_id> retired) {
  HETZEL_ASSERT(opened > options_.opened);
  options_.opened = opened;
  is_renewing_ = false;
  first_revision_ = random_revision(options_.random());
  // `set_actor` raises it to the first one.
  revision_ = first_revision_ - 1;
  set_actor(actor, std::move(retired));
}

// -- commands -----------------------------------------------------------------

void membership::change_state(store_id store, member_state state) {
  auto one = *draft_->state.members.find(store);
  one.state = std::max(one.state, state);
  if (draft_->state.members.merge(one))
    changed(true);
}

command_refusal membership::join(std::vector<endpoint> seeds, bool has_records,
                                 steady_time now) {
  if (has_records || (draft_ && draft_->state.members.active().size() > 1))
    return command_refusal::not_alone;
  options_.has_records = false;
  seeking_.start(std::move(seeds), now);
  settle_forming();
  return command_refusal::none;
}

command_refusal membership::leave(store_id store) {
  if (!saved_)
    return command_refusal::no_cluster;
  auto& members = draft_->state.members;
  if (members.find(store) == nullptr)
    return command_refusal::unknown_store;
  if (members.is_removed(store))
    return command_refusal::already_removed;
  if (members.active().size() == 1)
    return command_refusal::last_member;
  change_state(store, member_state::leaving);
  return command_refusal::none;
}

command_refusal membership::remove(store_id store) {
  if (!saved_)
    return command_refusal::no_cluster;
  if (store == options_.store)
    return command_refusal::is_self;
  if (draft_->state.members.find(store) == nullptr)
    return command_refusal::unknown_store;
  if (draft_->state.members.is_removed(store))
    return command_refusal::already_removed;
  change_state(store, member_state::removed);
  return command_refusal::none;
}

void membership::on_caught_up() {
  if (saved_ && own_state() == member_state::joining)
    change_state(options_.store, member_state::up);
}

void membership::on_covered() {
  if (departure_.on_covered())
    change_state(options_.store, member_state::removed);
}

void membership::add_voids(shard_no shard, actor_id actor,
                           const void_column& column) {
  if (draft_ && draft_->state.voids.add(shard, actor, column))
    changed(true);
}

void membership::on_levelled(shard_no shard) {
  if (!draft_ || !levelling_.finish(shard, draft_->levelled))
    return;
  changed(false);
}

} // namespace hetzel::cluster
