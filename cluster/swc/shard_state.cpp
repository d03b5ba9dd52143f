#include "cluster/swc/shard_state.hpp"

#include "cluster/swc/record_codec.hpp"
#include "cluster/swc/store_failure.hpp"

#include "protocol/assert.hpp"

#include <algorithm>
#include <iterator>

namespace hetzel::cluster {

namespace {

std::uint64_t number(actor_id actor) {
  return static_cast<std::uint64_t>(actor);
}

std::uint64_t number(store_id store) {
  return static_cast<std::uint64_t>(store);
}

} // namespace

shard_state::shard_state(const persistence::reader& store, shard_no shard)
  : store_(store),
    shard_(shard),
    image_(shard_image::load(store, shard)),
    base_(image_.clock.base()) {
  auto marks = scan_table(store_, storage_table::contexts, shard_);
  for (; marks->valid(); marks->next()) {
    auto key = std::string(marks->key().substr(2));
    auto record = load(key);
    if (record.context.empty())
      throw store_failure(persistence::errc::corrupt, "a mark of a context");
    unstripped_.watch(std::move(key), record.context);
  }
  check(*marks);
  auto entries = scan_table(store_, storage_table::dots, shard_);
  for (; entries->valid(); entries->next())
    ++dots_;
  check(*entries);
  for (auto& e : base_)
    unstripped_.raise(e.actor, e.counter);
}

// -- reading ------------------------------------------------------------------

container shard_state::load(std::string_view key) const {
  auto& pending = pending_.all();
  auto found = pending.find(key);
  if (found == pending.end())
    return load_record(store_, shard_, key);
  if (!found->second.first)
    return {};
  auto record = decode_record(*found->second.first);
  HETZEL_ASSERT(record.has_value());
  return std::move(*record);
}

std::vector<std::string>
shard_state::keys(std::string_view from,
                  const std::optional<std::string>& to) const {
  std::vector<std::string> stored;
  auto records = scan_table(store_, storage_table::records, shard_, from);
  for (; records->valid(); records->next()) {
    auto key = records->key().substr(2);
    if (to && key >= *to)
      break;
    stored.emplace_back(key);
  }
  check(*records);
  std::vector<std::string> all;
  auto& pending = pending_.all();
  auto at = stored.begin();
  for (auto p = pending.lower_bound(from);
       p != pending.end() && (!to || p->first < *to); ++p) {
    for (; at != stored.end() && *at < p->first; ++at)
      all.push_back(std::move(*at));
    if (at != stored.end() && *at == p->first)
      ++at;
    if (p->second.first)
      all.push_back(p->first);
  }
  std::move(at, stored.end(), std::back_inserter(all));
  return all;
}

std::uint64_t shard_state::last_in_contexts(actor_id actor) const {
  std::uint64_t last = 0;
  auto consider = [&](std::string_view key) {
    last = std::max(last, load(key).context.at(actor));
  };
  auto marks = scan_table(store_, storage_table::contexts, shard_);
  for (; marks->valid(); marks->next())
    consider(marks->key().substr(2));
  check(*marks);
  for (auto& [key, record] : pending_.all())
    consider(key);
  return last;
}

std::vector<std::uint64_t> shard_state::dots_of(actor_id actor,
                                                counter_run run,
                                                std::size_t count) const {
  std::vector<std::uint64_t> counters;
  auto entries = store_.scan(dot_key(shard_, {actor, run.first}),
                             dot_key(shard_, {actor, run.last + 1}));
  for (; counters.size() < count && entries->valid(); entries->next()) {
    auto id = dot_of_key(entries->key());
    if (!id)
      throw store_failure(persistence::errc::corrupt, "a dot");
    counters.push_back(id->counter);
  }
  check(*entries);
  return counters;
}

// -- changes ------------------------------------------------------------------

void shard_state::store(std::string_view key, const container& before,
                        container after) {
  after.strip(base_);
  if (after == before)
    return;
  if (before.context.empty() != after.context.empty()) {
    if (after.context.empty()) {
      batch_.erase(context_key(shard_, key));
    } else {
      batch_.put(context_key(shard_, key), {});
      unstripped_.watch(std::string(key), after.context);
    }
  }
  if (after.empty()) {
    batch_.erase(record_key(shard_, key));
    pending_.set(key, std::nullopt, next_);
  } else {
    auto bytes = encode_record(after);
    batch_.put(record_key(shard_, key), bytes);
    pending_.set(key, std::move(bytes), next_);
  }
}

void shard_state::touch(actor_id actor) {
  columns_.insert(actor);
  auto base = image_.clock.at(actor).base();
  if (base == base_.at(actor))
    return;
  base_.raise(actor, base);
  unstripped_.raise(actor, base);
}

void shard_state::enter(dot id, std::string_view key) {
  image_.clock.add(id);
  batch_.put(dot_key(shard_, id), key);
  ++dots_;
  touch(id.actor);
}

void shard_state::enter_below_floor(dot id, std::string_view key) {
  if (image_.swept.at(id.actor) + 1 != id.counter)
    return enter(id, key);
  image_.clock.add(id);
  image_.floor.raise(id.actor, id.counter);
  image_.swept.raise(id.actor, id.counter);
  floor_moved_ = true;
  touch(id.actor);
}

void shard_state::subsume(dot id) {
  if (image_.swept.covers(id))
    return;
  batch_.erase(dot_key(shard_, id));
  dots_ -= dots_ != 0;
}

void shard_state::unite(const node_clock& clock) {
  for (auto& c : clock)
    unite(c.actor, c.dots);
}

void shard_state::unite(actor_id actor, const dot_set& dots) {
  if (image_.clock.at(actor).includes(dots))
    return;
  image_.clock.unite(actor, dots);
  touch(actor);
}

void shard_state::add_voids(const void_set& voids) {
  for (auto& c : voids) {
    unite(c.actor, c.dots);
    if (image_.voids.at(c.actor).includes(c.dots))
      continue;
    image_.voids.unite(c.actor, c.dots);
    voids_.insert(c.actor);
  }
}

void shard_state::raise_floor(const version_vector& floor) {
  if (image_.floor.covers(floor))
    return;
  image_.floor.join(floor);
  floor_moved_ = true;
}

void shard_state::sweep(actor_id actor,
                        const std::vector<std::uint64_t>& counters,
                        std::uint64_t last) {
  for (auto counter : counters)
    batch_.erase(dot_key(shard_, {actor, counter}));
  dots_ -= std::min(dots_, counters.size());
  image_.floor.raise(actor, last);
  image_.swept.raise(actor, last);
  floor_moved_ = true;
}

bool shard_state::raise_row(store_id member, const version_vector& row) {
  auto& known = image_.rows[member];
  if (known.covers(row))
    return false;
  known.join(row);
  rows_.insert(member);
  return true;
}

void shard_state::drop_row(store_id member) {
  if (image_.rows.erase(member) != 0)
    rows_.insert(member);
}

void shard_state::close(actor_id actor) {
  if (image_.closed.insert(actor).second)
    batch_.put(clock_key(shard_, clock_row::closed, number(actor)),
               encode_row(version_vector{}).substr(0, 1));
}

// -- commits ------------------------------------------------------------------

bool shard_state::has_changes() const {
  return !batch_.empty() || !columns_.empty() || !voids_.empty()
         || !rows_.empty() || floor_moved_ || unstripped_.has_due();
}

void shard_state::strip_due() {
  for (auto left = strips_per_batch; left != 0 && unstripped_.has_due();
       --left) {
    auto key = unstripped_.take_due();
    auto before = load(key);
    auto after = before;
    after.strip(base_);
    // The watch of this key was taken; `store` only sets one where there was
    // no context before.
    if (!after.context.empty())
      unstripped_.watch(key, after.context);
    store(key, before, std::move(after));
  }
}

void shard_state::write_rows() {
  for (auto actor : columns_)
    batch_.put(clock_key(shard_, clock_row::column, number(actor)),
               encode_row(image_.clock.at(actor)));
  for (auto actor : voids_)
    batch_.put(clock_key(shard_, clock_row::voids, number(actor)),
               encode_row(image_.voids.at(actor)));
  for (auto member : rows_) {
    auto key = clock_key(shard_, clock_row::watermark, number(member));
    auto row = image_.rows.find(member);
    if (row == image_.rows.end())
      batch_.erase(key);
    else
      batch_.put(key, encode_row(row->second));
  }
  if (floor_moved_)
    batch_.put(clock_key(shard_, clock_row::floor),
               encode_floor(image_.floor, image_.swept));
}

shard_state::sealed shard_state::seal() {
  strip_due();
  write_rows();
  sealed made{next_++, std::move(batch_), {columns_.begin(), columns_.end()}};
  batch_ = {};
  columns_.clear();
  voids_.clear();
  rows_.clear();
  floor_moved_ = false;
  return made;
}

} // namespace hetzel::cluster
