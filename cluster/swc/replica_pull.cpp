#include "cluster/swc/replica.hpp"

#include "protocol/assert.hpp"

#include <algorithm>

namespace hetzel::cluster {

/// Applies the items of one frame to the state.
class replica::joining {
public:
  joining(replica& owner, const frame& delta, moment now)
    : owner_(owner), state_(owner.state_), delta_(delta), now_(now) {}

  outcome apply() {
    if (delta_.kind == frame_kind::range)
      apply_range();
    else
      for (auto& item : delta_.items)
        if (delta_.kind != frame_kind::write || !is_known(item))
          apply(item);
    return std::move(after_);
  }

private:
  [[nodiscard]] bool is_known(const frame_item& item) const {
    return std::all_of(item.dots.begin(), item.dots.end(), [this](dot id) {
      return state_.clock().contains(id);
    });
  }

  /// Our keys that the frame leaves out are absent at the sender.
  void apply_range() {
    auto item = delta_.items.begin();
    for (auto& key : state_.keys(delta_.from, delta_.to)) {
      for (; item != delta_.items.end() && item->key < key; ++item)
        apply(*item);
      if (item != delta_.items.end() && item->key == key)
        apply(*item++);
      else
        apply({key, {}, {}});
    }
    for (; item != delta_.items.end(); ++item)
      apply(*item);
  }

  void apply(const frame_item& item) {
    auto before = state_.load(item.key);
    auto mine = before;
    mine.fill(state_.base());
    auto theirs = item.record;
    // With the base of the moment the record was read, and nothing later.
    theirs.fill(delta_.base);
    for (auto& v : theirs.versions) {
      theirs.context.raise(v.id.actor, v.id.counter);
      if (!owner_.hlc_.observe(v.hlc, now_.wall_ms))
        ++owner_.counters_.hlc_clamped;
    }
    auto [result, has_conflict] = join(mine, theirs);
    owner_.counters_.conflicts += has_conflict;
    if (delta_.kind != frame_kind::range)
      enter_dots(item);
    if (delta_.kind == frame_kind::write)
      subsume(before, result);
    owner_.note_change(item.key, before, result, after_);
    state_.store(item.key, before, std::move(result));
  }

  /// The item's dots, not those of its versions: a delete has none.
  void enter_dots(const frame_item& item) {
    auto enter = [&](dot id) {
      if (!state_.clock().contains(id))
        state_.enter(id, item.key);
    };
    if (owner_.options_.faults.take_version_dots
        && delta_.kind == frame_kind::dots)
      for (auto& v : item.record.versions)
        enter(v.id);
    else
      for (auto id : item.dots)
        enter(id);
  }

  /// Only what one write replaced: the record of a pull may be the join of
  /// concurrent writes.
  void subsume(const container& before, const container& after) {
    for (auto& v : before.versions)
      if (!after.find(v.id))
        state_.subsume(v.id);
  }

  replica& owner_;
  shard_state& state_;
  const frame& delta_;
  moment now_;
  outcome after_;
};

// -- frames -------------------------------------------------------------------

sync_head replica::head(std::uint64_t session) const {
  return {options_.shard, options_.store, options_.opened, session};
}

bool replica::is_of_pull(const sync_head& from) const {
  return pull_ && pull_->peer == from.source && pull_->session == from.session
         && from.shard == options_.shard
         && members_.accepts(from.source, from.source_generation)
         && (pull_->frames == 0 || pull_->server == from.source_generation);
}

bool replica::knows_more_of_us(const frame& delta) const {
  if (options_.faults.keep_regressed_actor)
    return false;
  auto own = state_.clock().at(options_.actor).base();
  auto is_news = [&](dot id) {
    return id.actor == options_.actor && id.counter > own;
  };
  return delta.base.at(options_.actor) > own
         || std::any_of(
           delta.items.begin(), delta.items.end(), [&](auto& item) {
             auto& [versions, context] = item.record;
             return context.at(options_.actor) > own
                    || std::any_of(item.dots.begin(), item.dots.end(), is_news)
                    || std::any_of(versions.begin(), versions.end(),
                                   [&](auto& v) { return is_news(v.id); });
           });
}

bool replica::is_known(const frame& delta) const {
  return std::all_of(delta.items.begin(), delta.items.end(), [&](auto& item) {
    return std::all_of(item.dots.begin(), item.dots.end(), [&](dot id) {
      return state_.clock().contains(id);
    });
  });
}

frame_verdict replica::admit(const frame& delta) {
  sync_head from{delta.shard, delta.source, delta.source_generation,
                 delta.session};
  if (delta.shard != options_.shard
      || !members_.accepts(delta.source, delta.source_generation))
    return frame_verdict::fenced;
  if (delta.kind != frame_kind::write) {
    if (!is_of_pull(from) || delta.number <= pull_->frames)
      return frame_verdict::stale;
    if (delta.number != pull_->frames + 1) {
      end_pull(pull_outcome::broken);
      return frame_verdict::stale;
    }
  } else if (is_range_pulling()
             && !options_.faults.apply_writes_in_range_pull) {
    // An old write to a key that the walk has passed would be taken for new.
    return frame_verdict::refused;
  } else {
    auto& closed = state_.image().closed;
    for (auto& item : delta.items)
      for (auto& id : item.dots)
        if (closed.contains(id.actor))
          return frame_verdict::refused;
  }
  if (knows_more_of_us(delta))
    return frame_verdict::regressed;
  if (delta.kind == frame_kind::write && is_known(delta))
    return frame_verdict::duplicate;
  return frame_verdict::applied;
}

frame_verdict replica::on_frame(const frame& delta, moment now) {
  auto verdict = admit(delta);
  if (verdict == frame_verdict::duplicate)
    ++counters_.frames_duplicate;
  if (verdict == frame_verdict::regressed) {
    if (delta.kind != frame_kind::write)
      end_pull(pull_outcome::broken);
    sink_.on_clock_regressed(delta.base.at(options_.actor));
  }
  if (verdict != frame_verdict::applied)
    return verdict;
  ++counters_.frames_applied;
  auto after = joining{*this, delta, now}.apply();
  if (delta.kind != frame_kind::write) {
    counters_.items_pulled += delta.items.size();
    pull_->frames = delta.number;
    pull_->server = delta.source_generation;
    pull_->progressed = now.steady;
    after.messages.emplace_back(
      delta.source, sync_ack{head(delta.session), delta.number});
  }
  commit(std::move(after));
  return verdict;
}

// -- pulls --------------------------------------------------------------------

bool replica::start_pull(store_id peer, pull_mode mode, moment now) {
  if (pull_ || peer == options_.store || !members_.is_member(peer))
    return false;
  // Unique beyond a restart: frames of a pull of the process before must not
  // be taken for those of a later one.
  auto session = static_cast<std::uint64_t>(options_.opened) << 32U
                 | (++pulls_ & 0xFFFF'FFFFU);
  pull_ = pull{peer, mode, session, 0, {}, now.steady, now.steady};
  ++counters_.pulls;
  counters_.range_pulls += mode == pull_mode::range;
  sink_.send(peer, sync_request{head(session), mode, options_.actor,
                                options_.window, state_.clock(), stable_});
  return true;
}

void replica::end_pull(pull_outcome why) {
  auto peer = pull_->peer;
  pull_.reset();
  counters_.broken_pulls += why == pull_outcome::broken;
  sink_.on_pull_ended(peer, why);
}

void replica::stop_pull() {
  if (pull_)
    end_pull(pull_outcome::broken);
}

void replica::on_refusal(const sync_refusal& message) {
  if (!is_of_pull(message.head))
    return;
  switch (message.why) {
    case refusal::not_a_member:
      return end_pull(pull_outcome::not_a_member);
    case refusal::busy:
      return end_pull(pull_outcome::busy);
    case refusal::need_full:
      return end_pull(pull_outcome::need_full);
    case refusal::clock_regressed:
      end_pull(pull_outcome::broken);
      // Not if we have written it since we asked.
      if (message.counter > state_.clock().at(options_.actor).base())
        sink_.on_clock_regressed(message.counter);
      return;
  }
}

void replica::take_over(const sync_end& end) {
  if (options_.faults.merge_own_column_only)
    state_.unite(end.actor, end.clock.at(end.actor));
  else
    state_.unite(end.clock);
  state_.add_voids(end.voids);
  // We learnt of dots that are not in our dot-key map, so we must not serve
  // those who lack them.
  if (pull_->mode == pull_mode::range && !options_.faults.leave_floor)
    state_.raise_floor(end.floor);
  raise_row(end.head.source, end.stable);
  for (auto& [member, row] : end.rows)
    raise_row(member, row);
}

void replica::on_end(const sync_end& end, moment now) {
  if (!is_of_pull(end.head))
    return;
  pull_->progressed = now.steady;
  if (end.frames != pull_->frames)
    return end_pull(pull_outcome::broken);
  auto own = state_.clock().at(options_.actor).base();
  auto theirs = end.clock.at(options_.actor).last();
  if (theirs > own && !options_.faults.keep_regressed_actor) {
    end_pull(pull_outcome::broken);
    return sink_.on_clock_regressed(theirs);
  }
  outcome after;
  auto peer = pull_->peer;
  if (pull_->mode == pull_mode::graft) {
    after.pulled = {peer, pull_outcome::grafted};
  } else {
    take_over(end);
    after.pulled = {peer, pull_outcome::done};
  }
  after.messages.emplace_back(peer, sync_done{head(pull_->session), stable_});
  pull_.reset();
  commit(std::move(after));
}

expected<pull_server, sync_refusal>
replica::serve(const sync_request& request,
               std::shared_ptr<const persistence::reader> snapshot,
               moment now) {
  auto& from = request.head;
  auto refuse = [&](refusal why) {
    return unexpected(sync_refusal{head(from.session), why, 0, {}});
  };
  if (from.shard != options_.shard
      || !members_.accepts(from.source, from.source_generation))
    return refuse(refusal::not_a_member);
  // Asked twice, two servers would answer with frames of two snapshots.
  auto& last = served_[from.source];
  if (is_range_pulling() || from.session <= last)
    return refuse(refusal::busy);
  last = from.session;
  raise_row(from.source, request.stable);
  auto* live = snapshot.get();
  pull_server::source source{head(from.session),
                             options_.actor,
                             stable_,
                             options_.frames,
                             options_.pull_silence_max,
                             options_.pull_duration_max,
                             options_.faults,
                             options_.faults.read_live_records
                               ? &state_.store()
                               : live};
  return pull_server::open(request, std::move(snapshot), std::move(source),
                           now.steady);
}

void replica::on_done(const sync_done& message) {
  if (members_.accepts(message.head.source, message.head.source_generation))
    raise_row(message.head.source, message.stable);
}

} // namespace hetzel::cluster
