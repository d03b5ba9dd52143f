#include "cluster/swc/replica.hpp"

#include "cluster/swc/frame_codec.hpp"

#include "protocol/assert.hpp"

#include <algorithm>

namespace hetzel::cluster {

replica::replica(replica_options options, const persistence::reader& store,
                 replica_sink& sink)
  : options_(std::move(options)),
    sink_(sink),
    state_(store, options_.shard),
    members_(options_.store),
    committed_(state_.clock()),
    stable_(state_.base()) {
  HETZEL_ASSERT(options_.window >= 1 && options_.window <= 1000);
}

// -- commits ------------------------------------------------------------------

ticket replica::commit(outcome after) {
  auto sealed = state_.seal();
  after.number = sealed.number;
  for (auto actor : sealed.columns)
    after.columns.push_back({actor, state_.clock().at(actor)});
  pending_.push_back(std::move(after));
  sink_.commit(sealed.number, std::move(sealed.batch));
  return sealed.number;
}

void replica::on_committed(ticket last) {
  state_.committed(last);
  while (!pending_.empty() && pending_.front().number <= last) {
    auto after = std::move(pending_.front());
    pending_.pop_front();
    version_vector base;
    for (auto& column : after.columns) {
      base.raise(column.actor, column.dots.base());
      committed_.unite(column.actor, column.dots);
    }
    if (!base.empty())
      unsynced_.emplace_back(after.number, std::move(base));
    hand_out(after);
  }
}

void replica::hand_out(outcome& after) {
  for (auto& what : after.changes)
    sink_.on_change(what);
  for (auto token : after.tokens)
    sink_.on_written(token);
  for (auto& delta : after.frames)
    sink_.broadcast(std::move(delta));
  for (auto& [to, message] : after.messages)
    sink_.send(to, std::move(message));
  if (after.pulled)
    sink_.on_pull_ended(after.pulled->first, after.pulled->second);
}

void replica::on_synced(ticket last) {
  for (; !unsynced_.empty() && unsynced_.front().first <= last;
       unsynced_.pop_front())
    stable_.join(unsynced_.front().second);
}

// -- local --------------------------------------------------------------------

std::optional<version> replica::read(std::string_view key) const {
  auto record = state_.load(key);
  auto* seen = options_.resolvers.visible(key, record);
  return seen ? std::optional{*seen} : std::nullopt;
}

void replica::note_change(std::string_view key, const container& before,
                          const container& after, outcome& into) const {
  auto* old_seen = options_.resolvers.visible(key, before);
  auto* new_seen = options_.resolvers.visible(key, after);
  auto old_id = old_seen ? old_seen->id : dot{};
  auto new_id = new_seen ? new_seen->id : dot{};
  if (old_id == new_id)
    return;
  change what{std::string(key), {}, {}};
  if (old_seen)
    what.before = *old_seen;
  if (new_seen)
    what.after = *new_seen;
  into.changes.push_back(std::move(what));
}

std::optional<dot> replica::apply(const mutation& what, moment now,
                                  outcome& into) {
  auto before = state_.load(what.key);
  // Deleting nothing takes no dot, or repeated cleaning would flood the peers.
  if (!what.value && before.versions.empty())
    return std::nullopt;
  auto self = options_.actor;
  auto& own = state_.clock().at(self);
  HETZEL_ASSERT(own.exceptions().empty()
                || options_.faults.keep_regressed_actor);
  dot id{self, own.base() + 1};
  for (auto& v : before.versions) {
    hlc_.observe(v.hlc, now.wall_ms);
    state_.subsume(v.id);
  }
  if (members_.is_alone())
    state_.enter_below_floor(id, what.key);
  else
    state_.enter(id, what.key);
  container after;
  after.context = before.context;
  if (what.value)
    after.versions.push_back(
      {id, hlc_.now(now.wall_ms), std::string(*what.value)});
  note_change(what.key, before, after, into);
  state_.store(what.key, before, std::move(after));
  ++counters_.writes;
  return id;
}

void replica::write(std::span<const mutation> mutations, write_token token,
                    moment now) {
  outcome after;
  std::map<std::string_view, std::vector<dot>> written;
  for (auto& what : mutations)
    if (auto id = apply(what, now, after))
      written[what.key].push_back(*id);
  if (!written.empty()) {
    pack_write(std::move(written), after);
    after.tokens.push_back(token);
    commit(std::move(after));
  } else if (!pending_.empty()) {
    // What made this one a no-op may not be durable yet.
    pending_.back().tokens.push_back(token);
  } else {
    sink_.on_written(token);
  }
}

void replica::pack_write(std::map<std::string_view, std::vector<dot>> written,
                         outcome& into) {
  if (members_.others().empty())
    return;
  std::size_t bytes = 0;
  for (auto& [key, dots] : written) {
    if (into.frames.empty() || bytes >= options_.frames.bytes) {
      frame delta;
      delta.kind = frame_kind::write;
      delta.shard = options_.shard;
      delta.source = options_.store;
      delta.source_generation = options_.opened;
      delta.number = ++write_frames_;
      delta.base = state_.base();
      into.frames.push_back(std::move(delta));
      bytes = 0;
    }
    into.frames.back().items.push_back(
      {std::string(key), state_.load(key), std::move(dots)});
    bytes += size_bytes(into.frames.back().items.back());
  }
}

// -- members ------------------------------------------------------------------

void replica::set_members(const std::vector<shard_member>& members) {
  for (auto gone : members_.set(members)) {
    state_.drop_row(gone);
    served_.erase(gone);
    if (pull_ && pull_->peer == gone)
      end_pull(pull_outcome::broken);
  }
}

void replica::rotate(actor_id fresh) {
  HETZEL_ASSERT(state_.clock().at(fresh).empty());
  stop_pull();
  options_.actor = fresh;
}

// -- watermarks and garbage ---------------------------------------------------

void replica::raise_row(store_id member, const version_vector& row) {
  if (member == options_.store || !members_.is_member(member))
    return;
  if (state_.raise_row(member, row)
      && state_.image().rows.at(member).covers(state_.image().floor))
    members_.readmit(member);
}

bool replica::collect() {
  auto low = members_.low(stable_, rows());
  auto left = options_.sweep_max;
  auto is_more = false;
  for (auto& column : committed_) {
    auto& image = state_.image();
    auto actor = column.actor;
    // Entries of dots that are not in the store's clock yet may be on their
    // way to the store: these are for another time.
    auto to = std::min(std::max(low.at(actor), image.floor.at(actor)),
                       column.dots.base());
    auto from = image.swept.at(actor) + 1;
    if (to < from)
      continue;
    auto counters = state_.dots_of(actor, {from, to}, left);
    is_more |= counters.size() == left;
    if (counters.size() == left)
      to = counters.empty() ? from - 1 : counters.back();
    if (to >= from)
      state_.sweep(actor, counters, to);
    left -= counters.size();
  }
  if (state_.has_changes())
    commit({});
  return is_more || state_.has_due();
}

void replica::tick(moment now) {
  if (!pull_)
    return;
  if (now.steady - pull_->progressed >= options_.pull_silence_max
      || now.steady - pull_->started >= options_.pull_duration_max)
    end_pull(pull_outcome::broken);
}

// -- retired actors -----------------------------------------------------------

ticket replica::close(actor_id retired) {
  HETZEL_ASSERT(retired != options_.actor);
  state_.close(retired);
  return commit({});
}

retired_column replica::column_of(actor_id retired) const {
  auto& dots = state_.clock().at(retired);
  return {dots, std::max({dots.last(), state_.last_in_contexts(retired),
                          state_.image().floor.at(retired)})};
}

void replica::add_voids(const void_set& voids) {
  HETZEL_ASSERT(voids.at(options_.actor).empty());
  state_.add_voids(voids);
  if (state_.has_changes())
    commit({});
}

} // namespace hetzel::cluster
