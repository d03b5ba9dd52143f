#include "test/support/message_model.hpp"

#include "persistence/messages/message_expiry.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace hetzel::test {

using namespace hetzel::persistence;

std::uint64_t model_queue::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [at, message] : messages)
    sum += message.stub.bytes;
  return sum;
}

model_node::model_node(unsigned shards, std::uint32_t seed)
  : random_(seed), seed_(seed) {
  for (unsigned at = 0; at < shards; ++at)
    shards_.emplace_back(message_layout{static_cast<std::uint16_t>(shards),
                                        static_cast<std::uint16_t>(at)});
  reopen();
}

std::size_t model_node::roll(std::size_t sides) {
  return random_() % sides;
}

void model_node::check(bool holds, const char* what) {
  differs_ |= !holds;
  if (!lenient_ && !holds)
    FAIL_CHECK("seed " << seed_ << ": " << std::string(what));
}

// -- changes ------------------------------------------------------------------

void model_node::change() {
  auto& where = any_shard();
  const auto dice = roll(100);
  if (dice < 4)
    create_queue(where);
  else if (dice < 6)
    erase_queue(where);
  else if (dice < 9)
    clear_queue(where);
  else if (dice < 20)
    put_session(where);
  else if (dice < 50)
    append(where);
  else if (dice < 65)
    append_shared();
  else
    erase_messages(where);
}

deadline model_node::some_deadline() {
  return roll(2) == 0 ? no_deadline
                      : at_ms(static_cast<std::int64_t>(roll(50)));
}

std::optional<queue_id> model_node::any_queue(const shard& where) {
  const auto& queues = where.pending.queues;
  if (queues.empty())
    return {};
  return std::next(queues.begin(),
                   static_cast<std::ptrdiff_t>(roll(queues.size())))
    ->first;
}

void model_node::create_queue(shard& where) {
  const auto client = "c" + std::to_string(clients_++ % 9);
  if (where.pending.names.contains(client))
    return;
  const auto id = where.store.store->allocate_queue();
  where.store.batch.create_queue(id, {"", client});
  where.pending.names[client] = id;
  where.pending.queues[id];
  where.owners.emplace(id, durable_queue(id));
}

void model_node::erase_queue(shard& where) {
  const auto id = any_queue(where);
  if (!id)
    return;
  const auto& session = where.pending.queues[*id].session;
  const auto name
    = std::ranges::find(where.pending.names, *id,
                        [](const auto& entry) { return entry.second; });
  where.store.batch.erase_queue(*id, {"", name->first},
                                session ? session->expires : no_deadline);
  for (const auto& [at, message] : where.pending.queues[*id].messages)
    erased_.insert({*id, at});
  where.pending.names.erase(name);
  where.pending.queues.erase(*id);
  where.owners.erase(*id);
}

void model_node::clear_queue(shard& where) {
  const auto id = any_queue(where);
  if (!id)
    return;
  where.owners.at(*id).clear(where.store.batch);
  for (const auto& [at, message] : where.pending.queues[*id].messages)
    erased_.insert({*id, at});
  where.pending.queues[*id].messages.clear();
}

void model_node::put_session(shard& where) {
  const auto id = any_queue(where);
  if (!id)
    return;
  auto& session = where.pending.queues[*id].session;
  const session_record next{"image " + std::to_string(roll(1000)),
                            some_deadline()};
  where.store.batch.put_session(*id, next.image, next.expires,
                                session ? session->expires : no_deadline);
  session = next;
}

void model_node::append(shard& where) {
  const auto id = any_queue(where);
  if (!id)
    return;
  const std::string body(roll(30), 'i');
  const auto stub = where.owners.at(*id).append(
    where.store.batch, {"h", body, {}, some_deadline()});
  where.pending.queues[*id].messages[stub.at] = {stub, body};
}

/// A message for some queues of any shards; its body goes first.
void model_node::append_shared() {
  std::vector<std::pair<shard*, queue_id>> targets;
  for (auto left = 1 + roll(4); left-- > 0;) {
    auto& where = any_shard();
    if (const auto id = any_queue(where))
      targets.emplace_back(&where, *id);
  }
  if (targets.empty())
    return;
  const auto home = roll(shards_.size());
  const auto id = sources_[home]->next();
  const auto body = "body " + std::to_string(number(id));
  const auto reference = shards_[home].store.batch.put_body(
    id, body, static_cast<std::uint32_t>(targets.size()));
  shards_[home].pending.bodies.insert(id);
  bodies_[id] = body;
  for (const auto& [where, queue] : targets) {
    const auto stub = where->owners.at(queue).append(
      where->store.batch, {"h", {}, reference, some_deadline()});
    where->pending.queues[queue].messages[stub.at] = {stub, body};
  }
}

void model_node::erase_messages(shard& where) {
  const auto id = any_queue(where);
  if (!id)
    return;
  auto& messages = where.pending.queues[*id].messages;
  for (auto left = 1 + roll(4); left-- > 0 && !messages.empty();) {
    // From the front, the back or the middle.
    auto at = messages.begin();
    if (roll(3) != 0)
      std::advance(at, static_cast<std::ptrdiff_t>(roll(messages.size())));
    where.owners.at(*id).erase(where.store.batch, at->second.stub);
    erased_.insert({*id, at->first});
    messages.erase(at);
  }
  if (!messages.empty())
    where.owners.at(*id).raise_floor(messages.begin()->first);
}

// -- commits ------------------------------------------------------------------

void model_node::commit() {
  for (auto& each : shards_)
    try_commit(each);
  exchange_changes();
  for (auto& each : shards_)
    if (each.store.batch.empty())
      compare(each);
  sweep();
}

void model_node::try_commit(shard& what) {
  const auto how = roll(2) == 0 ? memory_store::write_fault::dropped
                                : memory_store::write_fault::resurfaces;
  const bool fails = roll(5) == 0;
  what.store.disk.fail_writes(errc::io_error, fails ? 1 : 0, 0, how);
  const auto before = what.store.disk.unsynced();
  const auto level = roll(8) == 0 ? durability::synced : durability::written;
  const auto why = what.store.store->commit(what.store.batch, level);
  what.store.disk.fail_writes(errc::none, 0);
  if (why == errc::none)
    succeed(what, before);
  else if (how == memory_store::write_fault::resurfaces)
    what.hidden.push_back(what.pending);
}

void model_node::succeed(shard& what, std::size_t unsynced_before) {
  const auto unsynced = what.store.disk.unsynced();
  if (unsynced == 0 && unsynced_before + what.survivors.size() > 0) {
    what.survivors = {what.pending};
    what.hidden.clear();
  } else if (unsynced > unsynced_before) {
    for (auto& state : std::exchange(what.hidden, {}))
      what.survivors.push_back(std::move(state));
    what.survivors.push_back(what.pending);
  } else {
    // Nothing was written: the disk says already what it should.
    check(what.pending.names == what.survivors.back().names
            && what.pending.queues == what.survivors.back().queues,
          "a change was not written");
  }
  what.committed = what.pending;
}

/// Changes that a shard has to tell wait in the others' batches.
void model_node::exchange_changes() {
  for (auto& each : shards_)
    for (const auto& change : each.store.store->take_changes())
      shards_[shard_of(change.body)].store.batch.change_references(change);
}

void model_node::sweep() {
  bool marked = true;
  for (auto& each : shards_) {
    if (!each.store.batch.empty() || each.store.batch.is_owed()) {
      marked = false;
      continue;
    }
    const auto report = each.store.store->sweep(1 + roll(5),
                                                each.store.batch);
    marked = marked && report.marked && each.store.batch.empty();
    if (roll(2) == 0 && !each.store.batch.empty())
      try_commit(each);
  }
  exchange_changes();
  for (auto& each : shards_)
    marked = marked && each.store.batch.empty();
  if (marked && !settled_)
    for (auto& each : shards_)
      each.store.store->settle();
  settled_ = settled_ || marked;
}

// -- crashes ------------------------------------------------------------------

void model_node::crash(bool power) {
  power_lost_ = power_lost_ || power;
  for (auto& each : shards_) {
    auto states = each.survivors;
    states.insert(states.end(), each.hidden.begin(), each.hidden.end());
    const auto kept = power ? roll(states.size()) : states.size() - 1;
    if (power)
      each.store.disk.lose_power(kept);
    else
      each.store.disk.restart();
    survive(each, states[kept]);
    if (power)
      each.survivors = {each.pending};
  }
  reopen();
}

void model_node::tear() {
  for (auto& each : shards_) {
    const auto kept = roll(each.survivors.size());
    each.store.disk.lose_power(kept, 1 + roll(3));
    survive(each, each.survivors[kept]);
    each.survivors = {each.pending};
  }
  reopen();
}

void model_node::survive(shard& what, const model_shard& state) {
  what.pending = state;
  what.committed = state;
  what.hidden.clear();
}

void model_node::reopen() {
  settled_ = false;
  sources_.clear();
  std::vector<const reader*> disks;
  for (auto& each : shards_) {
    each.store.open();
    // Opening syncs.
    each.survivors = {each.pending};
    disks.push_back(&each.store.disk);
  }
  for (auto& each : shards_) {
    each.store.store->connect(disks);
    sources_.push_back(std::make_unique<body_id_source>(
      each.store.place.shard, each.store.store->first_id()));
    each.owners.clear();
    for (const auto& [id, queue] : each.pending.queues)
      each.owners.emplace(id, each.store.find(id));
  }
  for (auto& each : shards_)
    compare(each);
}

// -- comparing ----------------------------------------------------------------

void model_node::compare(shard& what) {
  const auto& read = what.store.store->read();
  for (const auto& [client, id] : what.committed.names) {
    const auto found = read.find_queue({"", client});
    check(found.has_value() && *found == id, "a queue is missing");
  }
  const auto listed = read.list_queues({}, 1000);
  check(listed.has_value()
          && listed->size() == what.committed.names.size(),
        "a queue is there that should not be");
  for (const auto& [id, queue] : what.committed.queues)
    compare_queue(what, id);
  compare_expiry(what);
}

void model_node::compare_queue(shard& what, queue_id id) {
  auto& queue = what.committed.queues[id];
  const auto& read = what.store.store->read();
  const auto session = read.session_of(id);
  check(session.has_value() && *session == queue.session, "another session");
  const auto ledger = read.ledger_of(id);
  check(ledger.has_value() && ledger->count == queue.messages.size()
          && ledger->bytes == queue.bytes(),
        "another count");
  window_log log;
  window_request request;
  request.from = ledger ? ledger->floor : sequence{1};
  request.newest_first = roll(2) == 0;
  request.count_max = 100'000;
  const auto seen = read.read_window(id, request, log);
  check(seen.at_end && seen.damaged.empty(), "a window that ended early");
  if (request.newest_first) {
    std::ranges::reverse(log.bodies);
    std::ranges::reverse(log.stubs);
  }
  auto missing = queue.messages;
  for (std::size_t at = 0; at < log.stubs.size(); ++at) {
    const auto found = missing.find(log.stubs[at].at);
    check(found != missing.end() && found->second.stub == log.stubs[at]
            && found->second.body == log.bodies[at],
          "another message");
    missing.erase(log.stubs[at].at);
    check(at == 0 || log.stubs[at - 1].at < log.stubs[at].at, "no order");
  }
  for (const auto& [at, message] : missing)
    check(may_dangle({id, at}, message.stub), "a message is lost");
  check(missing.size() == seen.dangling.size(), "a message that is no more");
}

/// Its body never reached the disk of its shard, or a power loss took back
/// that the message was erased, or that its body was put.
bool model_node::may_dangle(const entry_key& key,
                            const entry_stub& stub) const {
  if (stub.body == body_id::none)
    return false;
  const auto& home = shards_[shard_of(stub.body)];
  return !home.committed.bodies.contains(stub.body)
         || (power_lost_ && erased_.contains(key));
}

void model_node::compare_expiry(shard& what) {
  const auto now = at_ms(static_cast<std::int64_t>(roll(60)));
  message_expiry expiry(what.store.store->read());
  const auto seen = expiry.messages(now, 100'000);
  std::set<entry_expiry> found(seen.found.begin(), seen.found.end());
  for (const auto& [id, queue] : what.committed.queues)
    for (const auto& [at, message] : queue.messages)
      if (message.stub.expires <= now)
        check(found.contains({message.stub.expires, {id, at}}),
              "a message does not expire");
  message_batch stale;
  std::size_t expired = 0;
  for (const auto& [id, queue] : what.committed.queues)
    expired += queue.session && queue.session->expires <= now ? 1 : 0;
  check(expiry.sessions(now, 100'000, stale).found.size() == expired,
        "other sessions expire");
  check(stale.empty(), "a deadline was left over");
}

void model_node::finish() {
  for (auto& each : shards_)
    while (!each.store.batch.empty() || each.store.batch.is_owed())
      try_commit(each);
  for (int round = 0; round < 10'000; ++round) {
    commit();
    bool idle = settled_;
    for (auto& each : shards_) {
      const auto now = each.store.store->statistics();
      idle = idle && now.settled && each.store.batch.empty()
             && each.store.records(record_kind::garbage) == 0;
    }
    if (idle)
      break;
  }
  std::set<body_id> referred;
  for (auto& each : shards_)
    for (const auto& [id, queue] : each.committed.queues)
      for (const auto& [at, message] : queue.messages)
        referred.insert(message.stub.body);
  std::size_t bodies = 0;
  for (auto& each : shards_) {
    compare(each);
    std::size_t entries = 0;
    std::size_t deadlines = 0;
    for (const auto& [id, queue] : each.committed.queues)
      for (const auto& [at, message] : queue.messages) {
        ++entries;
        deadlines += message.stub.expires != no_deadline ? 1 : 0;
      }
    check(each.store.records(record_kind::entry) == entries,
          "garbage was left over");
    check(each.store.records(record_kind::entry_deadline) == deadlines,
          "a deadline of a message was left over");
    const auto totals = each.store.store->statistics().totals;
    check(totals.entries == entries
            && totals.queues == each.committed.queues.size(),
          "other totals");
    const auto stored = each.store.records(record_kind::body);
    check(totals.bodies == stored, "another number of bodies");
    bodies += stored;
  }
  referred.erase(body_id::none);
  check(bodies <= referred.size(), "a body was left over");
}

} // namespace hetzel::test
