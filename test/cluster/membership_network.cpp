#include "test/cluster/membership_network.hpp"

#include <algorithm>

namespace hetzel::test {

using namespace hetzel::cluster;

// -- a machine ----------------------------------------------------------------

void membership_machine::start() {
  if (is_running() || is_out)
    return;
  if (store == store_id{})
    store = network_.new_store();
  auto options = node_options(static_cast<std::uint64_t>(store), ++opened,
                              number_);
  options.name = name_of_node(number_);
  options.addresses.control = {options.name, 1};
  options.seeds = seeds;
  options.join.may_form = may_form && !has_lost_disk;
  options.join.replaces_namesake = has_lost_disk;
  options.random = [this] { return network_.random(); };
  for (std::uint32_t life = 1; life < opened; ++life)
    options.retired.push_back(
      actor_id{1000 * static_cast<std::uint64_t>(store) + life});
  std::optional<local_record> record;
  if (!disk.empty()) {
    auto decoded = decode_local_record(disk);
    if (!decoded)
      network_.fail("a record that was saved is damaged");
    record = *decoded;
  }
  is_draining = false;
  core = std::make_unique<membership>(options, record, *this);
  auto verdict = core->start(network_.now());
  if (verdict == start_verdict::removed)
    is_out = true;
  else if (verdict != start_verdict::member
           && verdict != start_verdict::seeking)
    network_.fail("a start came to something that nobody asked for");
}

void membership_machine::crash() {
  if (saving && network_.random() % 2 == 0)
    disk = saving->second;
  saving.reset();
  core.reset();
}

void membership_machine::lose_disk() {
  crash();
  disk.clear();
  store = {};
  opened = 0;
  has_lost_disk = true;
  is_out = false;
}

void membership_machine::save_one() {
  if (!saving || !is_running())
    return;
  auto [ticket, record] = *std::exchange(saving, std::nullopt);
  disk = record;
  core->on_saved(ticket, network_.now());
}

void membership_machine::save(std::uint64_t ticket, std::string record) {
  if (saving)
    network_.fail("two saves at once");
  auto decoded = decode_local_record(record);
  if (!decoded)
    network_.fail("a record cannot be read");
  network_.note_saying(*decoded->state.members.find(store));
  saving.emplace(ticket, std::move(record));
}

void membership_machine::send(store_id to, membership_body body) {
  network_.post_to_store(number_, to,
                         {store, generation{opened}, std::move(body)});
}

void membership_machine::answer(asker_id to, membership_body body) {
  network_.post_answer(number_, to,
                       {store, generation{opened}, std::move(body)});
}

void membership_machine::ask(const endpoint& seed, join_request request) {
  network_.note_saying({store, member_state::joining, request.facts});
  network_.post_join(number_, seed, request);
}

void membership_machine::on_change(const cluster_state*,
                                   const cluster_state& now) {
  auto saved = decode_local_record(disk);
  if (!saved || saved->state != now)
    network_.fail("something is acted upon that is not saved");
  network_.check_state(number_, now);
}

void membership_machine::renew_identity(generation) {
  network_.fail("a node doubts who it is");
}

void membership_machine::on_superseded(generation) {
  network_.fail("a node believes in a twin");
}

// -- the network --------------------------------------------------------------

membership_network::membership_network(std::uint64_t seed,
                                       std::uint64_t machines)
  : seed_(seed), random_(seed) {
  for (std::uint64_t n = 0; n < machines; ++n) {
    auto one = std::make_unique<membership_machine>(*this, n);
    // Every machine has a way to the first one, if not a straight one; beyond
    // that seeds may be anybody, itself and nobody included.
    if (n != 0)
      one->seeds.push_back({name_of_node(random_() % n), 1});
    else
      one->may_form = true;
    for (auto more = random_() % 3 + (n == 0 ? 1 : 0); more != 0; --more)
      one->seeds.push_back({name_of_node(random_() % (machines + 1)),
                            1});
    machines_.push_back(std::move(one));
  }
}

store_id membership_network::new_store() {
  // So that the lowest is not always the oldest.
  return store_id{(++stores_ * 7919) % 1009 + 1};
}

void membership_network::fail(const std::string& what) const {
  throw membership_fault(what + ", seed " + std::to_string(seed_));
}

bool membership_network::is_cut(std::uint64_t a, std::uint64_t b) const {
  return cut_.contains({a, b});
}

void membership_network::post(mail letter) {
  if (is_cut(letter.from, letter.to)
      || (!is_kind_ && random_() % 100 < 10))
    return;
  if (!is_kind_ && random_() % 100 < 5)
    mail_.push_back(letter);
  // Beyond this the links would drop it too.
  if (mail_.size() < 5000)
    mail_.push_back(std::move(letter));
}

void membership_network::post_to_store(std::uint64_t from, store_id to,
                                       const membership_message& message) {
  for (std::uint64_t n = 0; n < machines_.size(); ++n)
    if (machines_[n]->store == to)
      post({from, n, [this, n, bytes = encode_membership(message)] {
              on_message(n, bytes);
            }});
}

void membership_network::post_join(std::uint64_t from, const endpoint& seed,
                                   const join_request& request) {
  auto id = ++last_asking_;
  askings_[id] = {from, seed};
  auto to = std::stoull(seed.host.substr(1));
  if (to >= machines_.size() || !machines_[to]->is_running()
      || is_cut(from, to)) {
    post({from, from, [this, from, seed] {
            if (machines_[from]->is_running())
              machines_[from]->core->on_seed_unreachable(seed, now());
          }});
    return;
  }
  membership_message message{request.store, request.facts.opened, request};
  post({from, to, [this, to, id, bytes = encode_membership(message)] {
          auto decoded = decode_membership(bytes);
          if (!decoded)
            fail("a join cannot be read");
          if (machines_[to]->is_running() && !machines_[to]->is_out)
            machines_[to]->core->on_join(
              id, std::get<join_request>(decoded->body), now());
        }});
}

void membership_network::post_answer(std::uint64_t from, asker_id to,
                                     const membership_message& message) {
  auto asked = askings_.at(to);
  post({from, asked.from, [this, asked, bytes = encode_membership(message)] {
          auto decoded = decode_membership(bytes);
          auto& asker = *machines_[asked.from];
          if (!decoded)
            fail("an answer cannot be read");
          if (!asker.is_running())
            return;
          if (auto* yes = std::get_if<join_accepted>(&decoded->body))
            asker.core->on_join_accepted(*yes);
          else
            asker.core->on_join_refused(
              asked.seed, std::get<join_refused>(decoded->body), now());
        }});
}

void membership_network::on_message(std::uint64_t to,
                                    const std::string& bytes) {
  auto decoded = decode_membership(bytes);
  if (!decoded)
    fail("a message cannot be read");
  auto& machine = *machines_[to];
  if (!machine.is_running() || machine.is_out)
    return;
  if (auto* push = std::get_if<members_push>(&decoded->body))
    machine.core->on_members(decoded->source, push->state, now());
  else if (auto* beat = std::get_if<heartbeat>(&decoded->body))
    machine.core->on_version(decoded->source, beat->membership_version, now());
}

// -- what must hold -----------------------------------------------------------

void membership_network::note_saying(const member& own) {
  said_[own.store].insert(own.facts);
}

void membership_network::check_state(std::uint64_t number,
                                     const cluster_state& state) {
  if (!cluster_)
    cluster_ = state.params.id;
  if (state.params.id != *cluster_)
    fail("there are two clusters");
  auto& removed = removed_[machines_[number]->store];
  for (auto store : removed)
    if (!state.members.is_removed(store))
      fail("a removal was undone");
  for (auto& [store, one] : state.members) {
    if (one.is_removed())
      removed.insert(store);
    if (!said_[store].contains(one.facts))
      fail("somebody says of a store what it never said");
  }
}

std::size_t membership_network::members() const {
  return static_cast<std::size_t>(
    std::count_if(machines_.begin(), machines_.end(),
                  [](auto& one) { return one->is_member(); }));
}

void membership_network::check_agreement() const {
  const membership_machine* first = nullptr;
  for (auto& one : machines_) {
    // One that all who knew it have left behind may never hear of it.
    if (!one->is_member() || gone_.contains(one->store))
      continue;
    if (first == nullptr)
      first = one.get();
    if (*one->core->state() != *first->core->state()
        || one->core->version() != first->core->version())
      fail("members do not agree");
    auto* own = one->core->state()->members.find(one->store);
    if (own->is_removed())
      fail("a removed node goes on");
    if (own->facts.opened != generation{one->opened})
      fail("a node is known by a process that is gone");
  }
}

// -- what happens -------------------------------------------------------------

void membership_network::deliver_one() {
  if (mail_.empty())
    return;
  auto at = random_() % mail_.size();
  std::swap(mail_[at], mail_.back());
  auto letter = std::move(mail_.back());
  mail_.pop_back();
  if (!is_cut(letter.from, letter.to))
    letter.deliver();
}

void membership_network::greet(std::uint64_t from, std::uint64_t to) {
  auto& one = *machines_[from];
  if (to >= machines_.size() || from == to)
    return;
  membership_message beat{one.store, generation{one.opened},
                          heartbeat{1, false, 0, one.core->version(), ""}};
  post({from, to, [this, to, bytes = encode_membership(beat)] {
          on_message(to, bytes);
        }});
}

void membership_network::beat(std::uint64_t number) {
  auto& from = *machines_[number];
  if (!from.is_member())
    return;
  for (auto& seed : from.seeds)
    greet(number, std::stoull(seed.host.substr(1)));
  auto& members = from.core->state()->members;
  for (auto store : members.active()) {
    if (store == from.store)
      continue;
    // To the place where it was, in which there may be a stranger by now.
    greet(number, std::stoull(members.find(store)->facts.name.substr(1)));
    auto answers = false;
    for (std::uint64_t n = 0; n < machines_.size(); ++n)
      answers = answers
                || (machines_[n]->store == store && machines_[n]->is_member()
                    && !is_cut(number, n) && !is_cut(n, number));
    from.core->on_reachable(store, answers, now());
  }
}

void membership_network::pass_time(std::int64_t ms) {
  ms_ += ms;
  for (auto& one : machines_)
    if (one->is_running() && !one->is_out)
      one->core->tick(now());
  if (ms_ < next_beat_)
    return;
  next_beat_ = ms_ + 500;
  for (std::uint64_t n = 0; n < machines_.size(); ++n)
    beat(n);
}

void membership_network::command() {
  auto& one = any();
  if (!one.is_member())
    return;
  auto active = one.core->state()->members.active();
  if (active.empty())
    return;
  auto store = active[random_() % active.size()];
  switch (random_() % 8) {
    case 0:
      (void) one.core->leave(store);
      return;
    case 1:
      // Two sides that remove each other's members are two clusters for good:
      // the operator asks nobody that was removed already.
      if (active.size() > 2 && !gone_.contains(one.store)
          && one.core->remove(store) == command_refusal::none)
        gone_.insert(store);
      return;
    case 2:
      one.core->add_voids(shard_no{0}, actor_id{random_() % 5 + 1},
                          {dot_set{random_() % 9}, 0});
      return;
    case 3:
      one.core->set_addresses({{"moved", 1}, {}, {}});
      return;
    case 4:
      if (one.is_draining) {
        one.core->on_drained();
        one.core->on_covered();
      }
      return;
    default:
      one.core->on_caught_up();
      return;
  }
}

void membership_network::break_something() {
  auto a = random_() % machines_.size();
  auto b = random_() % machines_.size();
  switch (random_() % 6) {
    case 0:
      cut_.insert({a, b});
      if (random_() % 3 != 0)
        cut_.insert({b, a});
      return;
    case 1:
      cut_.clear();
      return;
    case 2:
      machines_[a]->crash();
      return;
    case 3:
      if (random_() % 8 == 0 && a != 0)
        machines_[a]->lose_disk();
      return;
    default:
      machines_[a]->start();
      return;
  }
}

void membership_network::step() {
  auto chance = random_() % 100;
  if (chance < 45)
    deliver_one();
  else if (chance < 70)
    any().save_one();
  else if (chance < 88)
    pass_time(100);
  else if (chance < 94)
    command();
  else
    break_something();
}

void membership_network::settle() {
  cut_.clear();
  is_kind_ = true;
  // Machines that were removed stay away; all others run.
  for (int i = 0; i < 600; ++i) {
    for (auto& one : machines_) {
      one->start();
      one->save_one();
      if (one->is_member())
        one->core->on_caught_up();
      if (one->is_member() && one->is_draining) {
        one->core->on_drained();
        one->core->on_covered();
      }
    }
    pass_time(100);
    while (!mail_.empty()) {
      deliver_one();
      if (random_() % 4 == 0)
        any().save_one();
    }
  }
}

} // namespace hetzel::test
