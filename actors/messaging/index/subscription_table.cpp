#include "actors/messaging/index/subscription_table.hpp"

#include "actors/messaging/index/levels.hpp"
#include "actors/messaging/index/match_builder.hpp"
#include "actors/messaging/index/subscription_search.hpp"
#include "actors/messaging/index/topic_hash.hpp"

#include <algorithm>

namespace hetzel::messaging {

struct subscription_table::shard_state {
  shard_state(std::size_t readers, subscription_index&& empty)
    : lock(readers), index(std::move(empty)) {}

  reader_lock lock;
  /// Changed inside the write lock; read anywhere.
  alignas(64) std::atomic<std::uint64_t> version{1};
  subscription_index index;
};

/// What one reader keeps between its matches, on cache lines of its own.
struct alignas(64) subscription_table::reader_state {
  match_builder builder;
};

namespace {

void search_both(const subscription_index& named,
                 const subscription_index& wildcard, match_builder& builder) {
  auto& scratch = builder.scratch();
  subscription_search one{named.parts(), scratch.topic, scratch.rooms[0],
                          builder};
  subscription_search two{wildcard.parts(), scratch.topic, scratch.rooms[1],
                          builder};
  for (bool goes_on = true; goes_on;) {
    goes_on = one.step();
    goes_on |= two.step();
  }
  one.finish();
  two.finish();
}

} // namespace

subscription_table::write_guard::write_guard(subscription_table& table,
                                             shard_index position)
  : shard_(*table.shards_[position]) {
  shard_.lock.lock_write();
}

subscription_table::write_guard::~write_guard() {
  // Before the readers come in, and also after an exception: a change may
  // have been half made.
  shard_.version.fetch_add(1, std::memory_order_release);
  shard_.lock.unlock_write();
}

subscription_index& subscription_table::write_guard::index() noexcept {
  return shard_.index;
}

subscription_table::subscription_table(
  const subscription_table_options& options)
  : options_(options),
    shares_(share_registry::make()),
    arena_(std::make_shared<chunk_arena>()) {
  options_.shards = std::clamp<std::size_t>(options_.shards, 1, 4096);
  const auto readers = options_.reactors + options_.other_readers_max;
  for (std::size_t i = 0; i < readers; ++i)
    readers_.push_back(std::make_unique<reader_state>());
  for (auto i = readers; i-- > options_.reactors;)
    free_readers_.push_back(static_cast<reader_index>(i));
  for (std::size_t i = 0; i < options_.shards + 1; ++i)
    shards_.push_back(std::make_unique<shard_state>(readers, make_index()));
}

subscription_table::~subscription_table() = default;

std::size_t subscription_table::shard_count() const noexcept {
  return shards_.size();
}

shard_index
subscription_table::shard_of(mqtt::bytes_view mountpoint,
                             const mqtt::parsed_filter& filter) const noexcept {
  const auto text = filter.topic_filter;
  if (text.starts_with('+') || text.starts_with('#'))
    return static_cast<shard_index>(options_.shards);
  return shard_of_topic(mountpoint, text);
}

shard_index
subscription_table::shard_of_topic(mqtt::bytes_view mountpoint,
                                   mqtt::bytes_view topic_name) const noexcept {
  return static_cast<shard_index>(first_level_shard(
    options_.hash_seed, mountpoint, topic_name, options_.shards));
}

match_version subscription_table::version(shard_index shard) const noexcept {
  return {shards_[shard]->version.load(std::memory_order_acquire),
          shards_.back()->version.load(std::memory_order_acquire)};
}

subscription_index subscription_table::make_index() const {
  return subscription_index{{options_.hash_seed, shares_, arena_}};
}

void subscription_table::replace(shard_index shard,
                                 subscription_index rebuilt) {
  write(shard,
        [&rebuilt](subscription_index& index) { std::swap(index, rebuilt); });
}

std::optional<reader_index> subscription_table::add_reader() {
  std::lock_guard guard{free_readers_mutex_};
  if (free_readers_.empty())
    return std::nullopt;
  const auto reader = free_readers_.back();
  free_readers_.pop_back();
  return reader;
}

void subscription_table::remove_reader(reader_index reader) {
  std::lock_guard guard{free_readers_mutex_};
  free_readers_.push_back(reader);
}

match_version
subscription_table::match(reader_index reader, mqtt::bytes_view mountpoint,
                          mqtt::bytes_view topic_name, match_set& out) {
  auto& builder = readers_[reader]->builder;
  builder.scratch().topic.assign(options_.hash_seed, mountpoint, topic_name);
  auto& named = *shards_[shard_of_topic(mountpoint, topic_name)];
  auto& wildcard = *shards_.back();
  match_version version;
  {
    // A writer holds one lock at a time, so two for reading cannot deadlock.
    read_guard named_guard{named.lock, reader};
    read_guard wildcard_guard{wildcard.lock, reader};
    version = {named.version.load(std::memory_order_relaxed),
               wildcard.version.load(std::memory_order_relaxed)};
    search_both(named.index, wildcard.index, builder);
  }
  builder.build(out);
  return version;
}

std::optional<shared_target> subscription_table::find_group(reader_index reader,
                                                            mqtt::share_id id) {
  auto group = shares_->find(id);
  if (!group)
    return std::nullopt;
  const mqtt::parsed_filter filter{group->share_group, group->topic_filter};
  auto& from = *shards_[shard_of(group->mountpoint, filter)];
  read_guard guard{from.lock, reader};
  auto members = from.index.members(group->mountpoint, filter);
  if (!members)
    return std::nullopt;
  return shared_target{std::move(group), std::move(members)};
}

subscription_table_statistics
subscription_table::statistics(reader_index reader) {
  subscription_table_statistics sum;
  sum.share_groups = shares_->size();
  for (const auto& from : shards_) {
    read_guard guard{from->lock, reader};
    sum.subscriptions += from->index.size();
    sum.memory_bytes += from->index.memory_bytes();
  }
  return sum;
}

std::uint64_t subscription_table::hash_seed() const noexcept {
  return options_.hash_seed;
}

} // namespace hetzel::messaging
