#include "persistence/messages/message_store.hpp"

#include "persistence/invariant.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::persistence {

namespace {

/// The value under a key of this kind alone; `otherwise` when there is none.
template <class T>
expected<T, errc> get_or(const reader& from, record_kind kind, T otherwise,
                         expected<T, errc> (*decode)(std::string_view)) {
  const auto found = from.get(record_key(kind));
  if (!found)
    return unexpected(found.error());
  return *found ? decode(**found) : otherwise;
}

/// Makes a shard where there is nothing yet.
errc make_shard(key_value_store& store, const message_layout& place) {
  const auto any = store.scan({}, {});
  if (any->valid())
    return errc::not_a_store;
  if (any->status() != errc::none)
    return any->status();
  write_batch batch;
  std::string value;
  encode(value, place);
  batch.put(record_key(record_kind::layout), value);
  return store.write(batch, durability::synced);
}

errc check_place(key_value_store& store, const message_layout& place) {
  const auto found = store.get(record_key(record_kind::layout));
  if (!found)
    return found.error();
  if (!*found)
    return make_shard(store, place);
  const auto layout = decode_message_layout(**found);
  if (!layout)
    return layout.error();
  return *layout == place ? errc::none : errc::wrong_shard;
}

/// No number of an earlier run is used again, whether it was written or not:
/// what was set aside is gone, and more is set aside before the first use.
expected<shard_state, errc> read_state(key_value_store& store) {
  const auto totals
    = get_or(store, record_kind::totals, message_totals(), decode_totals);
  if (!totals)
    return unexpected(totals.error());
  const auto given_out = get_or(store, record_kind::given_out,
                                std::uint64_t{1}, decode_number);
  if (!given_out)
    return unexpected(given_out.error());
  // A store would have to be opened sixteen million times for that.
  if (*given_out > ordinal(make_body_id(0, UINT64_MAX)) - numbers_set_aside)
    return unexpected(errc::corrupt);
  shard_state state;
  state.totals = *totals;
  state.given_out = *given_out + numbers_set_aside;
  write_batch batch;
  std::string value;
  encode_number(value, state.given_out);
  batch.put(record_key(record_kind::given_out), value);
  if (const auto why = store.write(batch, durability::synced);
      why != errc::none)
    return unexpected(why);
  return state;
}

} // namespace

// -- opening ------------------------------------------------------------------

expected<std::unique_ptr<message_store>, errc>
message_store::open(key_value_store& store, const message_layout& place) {
  HETZEL_INVARIANT(place.shard < place.shards
                   && place.shards <= shard_count_max);
  if (const auto why = check_place(store, place); why != errc::none)
    return unexpected(why);
  const auto state = read_state(store);
  if (!state)
    return unexpected(state.error());
  return std::unique_ptr<message_store>(
    new message_store(store, place, *state));
}

message_store::message_store(key_value_store& store,
                             const message_layout& place,
                             const shard_state& found)
  : store_(store),
    place_(place),
    state_(found),
    first_id_(found.given_out - numbers_set_aside),
    next_queue_(first_id_),
    counts_(first_id_),
    sweep_(store, place, first_id_),
    reader_(store, std::vector<const reader*>(place.shards, &store)) {
  skip_marking_without({&store_});
}

/// Where no body is, there is no reference to one that matters.
void message_store::skip_marking_without(
  const std::vector<const reader*>& shards) {
  const std::string first(record_key(record_kind::body).view());
  const bool none = std::ranges::all_of(shards, [&](const reader* each) {
    const auto at = each->scan(first, behind_prefix(first));
    return !at->valid() && at->status() == errc::none;
  });
  if (none && shards.size() == place_.shards)
    sweep_.skip_marking();
}

queue_id message_store::allocate_queue() noexcept {
  return static_cast<queue_id>(
    next_queue_.fetch_add(1, std::memory_order_relaxed));
}

// -- writing ------------------------------------------------------------------

errc message_store::commit(message_batch& batch, durability level) {
  HETZEL_INVARIANT(owed_ == 0 || batch.serial_ == owed_);
  state_.marked = sweep_.marked();
  batch_encoder encoder(batch, counts_, place_.shard, state_);
  records_.clear();
  encoder.encode(records_);
  if (encoder.must_sync())
    level = durability::synced;
  const bool flushes
    = batch.operations_.empty() && level == durability::synced;
  if (flushes || !records_.empty())
    if (const auto why = store_.write(records_, level); why != errc::none) {
      ++counted_.failed_commits;
      // To have made nothing durable leaves nothing behind.
      if (!records_.empty())
        batch.mark_tried(owed_ = ++attempts_);
      return why;
    }
  keep(encoder, batch);
  return errc::none;
}

void message_store::keep(batch_encoder& encoder, message_batch& batch) {
  counts_.keep();
  state_ = encoder.after();
  changes_.insert(changes_.end(), encoder.changes().begin(),
                  encoder.changes().end());
  if (encoder.makes_garbage())
    sweep_.expect_garbage();
  counted_.released_bodies += encoder.erased_bodies();
  ++counted_.commits;
  batch.mark_written();
  owed_ = 0;
}

std::vector<reference_change> message_store::take_changes() {
  return std::exchange(changes_, {});
}

// -- upkeep -------------------------------------------------------------------

sweep_report message_store::sweep(std::size_t budget, message_batch& out) {
  HETZEL_INVARIANT(owed_ == 0);
  auto report = sweep_.step(budget, counts_, out);
  for (const auto& change : sweep_.take_found())
    changes_.push_back(change);
  if (report.marked && place_.shards == 1)
    counts_.settle();
  return report;
}

// -- reading ------------------------------------------------------------------

void message_store::connect(std::vector<const reader*> shards) {
  HETZEL_INVARIANT(shards.size() == place_.shards
                   && shards[place_.shard] == &store_);
  skip_marking_without(shards);
  reader_ = message_reader(store_, std::move(shards));
}

window message_store::read_window(queue_id queue, const window_request& what,
                                  entry_sink& to) {
  auto seen = reader_.read_window(queue, what, to);
  counted_.dangling += seen.dangling.size();
  counted_.damaged += seen.damaged.size();
  return seen;
}

expected<checkpoint_report, open_error>
message_store::copy_to(const std::string& path) const {
  return checkpoint(store_, path, message_shard_options());
}

message_statistics message_store::statistics() const {
  auto now = counted_;
  now.totals = state_.totals;
  now.swept_entries = sweep_.swept_entries();
  now.orphans = sweep_.orphans();
  now.counted_bodies = counts_.size();
  now.marked = sweep_.is_marked();
  now.settled = sweep_.is_settled();
  return now;
}

store_options message_shard_options() {
  store_options options;
  options.write_buffer_bytes = std::size_t{16} << 20;
  options.block_cache_bytes = std::size_t{8} << 20;
  return options;
}

} // namespace hetzel::persistence
