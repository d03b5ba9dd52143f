#include "cluster/membership/admission.hpp"
#include "cluster/membership/membership.hpp"

#include <algorithm>

namespace hetzel::cluster {

namespace {

/// Join requests that wait for a save; more are told to come again.
constexpr std::size_t askers_max = 1024;

bool has_room(const member_map& ours, const member_map& theirs) {
  auto added = std::count_if(theirs.begin(), theirs.end(), [&](auto& entry) {
    return ours.find(entry.first) == nullptr;
  });
  return ours.size() + static_cast<std::size_t>(added) <= members_max;
}

} // namespace

// -- gossip -------------------------------------------------------------------

void membership::push(store_id to, steady_time now, bool anyway) {
  if (!gossip_.take(to, now, anyway))
    return;
  ++counters_.pushes;
  sink_.send(to, members_push{saved_->state});
}

void membership::on_version(store_id peer, std::uint64_t version,
                            steady_time now) {
  gossip_.heard(peer, version);
  if (!saved_ || was_removed_)
    return;
  if (version == gossip_.own() && departure_.on_told(peer))
    on_step_changed();
  // With a save on its way ours is about to change; the next sign of life of
  // the peer asks again.
  if (gossip_.differs(peer) && !in_flight_)
    push(peer, now, false);
}

void membership::on_link_up(store_id peer, std::uint64_t version,
                            steady_time now) {
  gossip_.on_link_up(peer);
  on_version(peer, version, now);
}

void membership::on_members(store_id from, const cluster_state& theirs,
                            steady_time now) {
  if (!draft_ || was_removed_)
    return;
  auto& ours = draft_->state;
  if (theirs.params != ours.params || !has_room(ours.members, theirs.members)) {
    ++counters_.foreign;
    return;
  }
  gossip_.heard(from, version_of(theirs));
  if (theirs.members.is_removed(options_.store) && departure_.on_told(from))
    on_step_changed();
  // It may not know yet that its word counts no more.
  if (ours.members.is_removed(from)) {
    if (saved_)
      push(from, now, false);
    return;
  }
  check_own(theirs);
  if (ours.merge(theirs)) {
    ++counters_.merges;
    owed_.insert(from);
    changed(false);
  } else if (in_flight_) {
    owed_.insert(from);
  } else if (gossip_.differs(from)) {
    push(from, now, false);
  }
}

// -- other lives of this store ------------------------------------------------

bool membership::absorb_actors(const member_facts& seen) {
  auto before = make_facts();
  // Not even a peer that makes them up may let this node outgrow its limits.
  if (before.retired.size() + seen.retired.size() >= retired_actors_max)
    return false;
  lost_actors_.insert(seen.retired.begin(), seen.retired.end());
  lost_actors_.insert(seen.actor);
  return make_facts() != before;
}

void membership::check_own(const cluster_state& theirs) {
  auto* seen = theirs.members.find(options_.store);
  if (seen == nullptr)
    return;
  auto& facts = seen->facts;
  auto is_new = absorb_actors(facts);
  if (facts.opened > options_.opened
      || (facts.opened == options_.opened
          && (facts.revision < first_revision_ || facts.revision > revision_)))
    on_conflict(facts.opened);
  else if (is_new)
    change_own();
}

void membership::on_known_generation(generation known) {
  if (known > options_.opened)
    on_conflict(known);
}

void membership::on_conflict(generation other) {
  if (is_renewing_)
    return;
  if (++conflicts_ == 1) {
    is_renewing_ = true;
    sink_.renew_identity(std::max(other, options_.opened));
  } else if (conflicts_ == 2) {
    sink_.on_superseded(other);
  }
}

// -- joining, as the one who joins --------------------------------------------

void membership::ask_seed(const endpoint& seed,
                          std::optional<store_id> replaces) {
  join_request request;
  request.store = options_.store;
  request.has_records = options_.has_records;
  request.facts = make_facts();
  request.groups = options_.groups;
  request.queue_partitions = options_.queue_partitions;
  request.replaces = replaces;
  sink_.ask(seed, std::move(request));
}

void membership::settle_forming() {
  if (std::exchange(wants_to_form_, false) && !draft_)
    form_cluster();
}

void membership::form_cluster() {
  local_record record;
  record.own = options_.store;
  auto& params = record.state.params;
  while (params.id.is_none())
    params.id = {options_.random(), options_.random()};
  params.groups = options_.groups;
  params.queue_partitions = options_.queue_partitions;
  params.created_hlc = options_.formed_hlc;
  auto founder = own_member();
  founder.state = member_state::up;
  record.state.members.merge(founder);
  draft_ = std::move(record);
  changed(false);
}

void membership::on_join_accepted(const join_accepted& answer) {
  auto& state = answer.state;
  if (!seeking_.is_running())
    return;
  // A cluster of this node alone may have got company meanwhile.
  auto is_alone = !draft_ || draft_->state.members.active().size() == 1;
  if (!is_alone || !state.members.is_member(options_.store)
      || state.params.groups != options_.groups) {
    ++counters_.foreign;
    return;
  }
  seeking_.stop();
  draft_ = local_record{options_.store, state, {}, {}};
  options_.queue_partitions = state.params.queue_partitions;
  absorb_actors(state.members.find(options_.store)->facts);
  draft_->state.members.merge(own_member());
  changed(true);
}

// -- joining, as the one who is asked -----------------------------------------

void membership::on_join(asker_id asker, const join_request& request,
                         steady_time now) {
  auto refuse = [this, asker](const join_refused& why) {
    ++counters_.joins_refused;
    sink_.answer(asker, why);
  };
  if (!saved_)
    return refuse({request.store == options_.store ? join_refusal::itself
                                                   : join_refusal::no_cluster,
                   {},
                   {}});
  auto& state = draft_->state;
  if (seeking_.is_running() || was_removed_ || askers_.size() >= askers_max)
    return refuse({join_refusal::not_ready, state.params.id, {}});
  auto change = admit(request, {options_.store, options_.protocol, state,
                                reachable_});
  if (!change)
    return refuse(change.error());
  ++counters_.joins_accepted;
  askers_.push_back({asker, request.store});
  if (state.members.merge(*change)) {
    if (draft_->admitted.insert(request.store).second)
      absent_since_[request.store] = now;
    changed(true);
  } else if (!in_flight_) {
    answer_askers();
  }
}

void membership::answer_askers() {
  auto& members = saved_->state.members;
  std::erase_if(askers_, [&](const open_answer& open) {
    if (members.find(open.store) == nullptr)
      return false;
    if (members.is_removed(open.store))
      sink_.answer(open.asker, join_refused{join_refusal::store_removed,
                                            saved_->state.params.id,
                                            {}});
    else
      sink_.answer(open.asker, join_accepted{saved_->state});
    return true;
  });
}

void membership::on_reachable(store_id peer, bool is_reachable,
                              steady_time now) {
  if (is_reachable) {
    reachable_.insert(peer);
    absent_since_.erase(peer);
    return;
  }
  reachable_.erase(peer);
  absent_since_.try_emplace(peer, now);
  if (departure_.on_told(peer))
    on_step_changed();
}

void membership::expire_joins(steady_time now) {
  auto admitted = draft_->admitted;
  for (auto store : admitted) {
    auto absent = absent_since_.find(store);
    auto* one = draft_->state.members.find(store);
    if (one->state != member_state::joining || absent == absent_since_.end()
        || now < absent->second + options_.joining_absence_max)
      continue;
    ++counters_.joins_expired;
    change_state(store, member_state::removed);
  }
}

} // namespace hetzel::cluster
