#include "actors/messaging/index/match_cache.hpp"

#include "actors/messaging/index/topic_hash.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>
#include <vector>

namespace hetzel::messaging {

namespace {

constexpr std::size_t ways = 8;

/// The hashes of eight entries in one cache line: a look-up reads this line,
/// the entry and its name.
struct alignas(64) hash_set {
  std::array<std::uint64_t, ways> hashes{};
};

struct alignas(64) cache_entry {
  match_version version;
  std::shared_ptr<const match_set> targets;
  /// Mountpoint and topic name.
  std::unique_ptr<char[]> key;
  std::uint32_t memory = 0;
  std::uint16_t mountpoint_size = 0;
  std::uint16_t topic_size = 0;
  std::uint16_t shard = 0;
  /// Used since the hand came by.
  bool is_recent = false;

  [[nodiscard]] bool is_for(mqtt::bytes_view mountpoint,
                            mqtt::bytes_view topic_name) const noexcept {
    const mqtt::bytes_view text{key.get(),
                                std::size_t{mountpoint_size} + topic_size};
    return mountpoint.size() == mountpoint_size
           && topic_name.size() == topic_size
           && text.substr(mountpoint_size) == topic_name
           && text.substr(0, mountpoint_size) == mountpoint;
  }
};

static_assert(sizeof(cache_entry) == 64);

} // namespace

struct match_cache::implementation {
  implementation(subscription_table& matched, reader_index as,
                 match_cache_options limits);

  [[nodiscard]] std::uint64_t
  hash_of(mqtt::bytes_view mountpoint,
          mqtt::bytes_view topic_name) const noexcept;

  cache_entry* find(std::uint64_t hash, mqtt::bytes_view mountpoint,
                    mqtt::bytes_view topic_name) noexcept;
  const std::shared_ptr<const match_set>&
  match_anew(cache_entry* known, std::uint64_t hash,
             mqtt::bytes_view mountpoint, mqtt::bytes_view topic_name);
  cache_entry& make_entry(std::uint64_t hash, mqtt::bytes_view mountpoint,
                          mqtt::bytes_view topic_name);
  void evict(cache_entry& entry) noexcept;
  void shrink_to_limit(const cache_entry& spared) noexcept;

  [[nodiscard]] std::size_t set_of(std::uint64_t hash) const noexcept {
    return static_cast<std::size_t>(hash >> 32) & (sets.size() - 1);
  }

  subscription_table& table;
  reader_index reader;
  match_cache_options options;
  std::uint64_t seed;
  std::vector<hash_set> sets;
  std::vector<cache_entry> entries;
  /// The next entry to be looked at when memory is short.
  std::size_t hand = 0;
  /// Where the search for a victim in a full set begins.
  std::size_t turn = 0;
  std::size_t size = 0;
  std::size_t memory = 0;
  /// The latest match that was too large to keep.
  std::shared_ptr<const match_set> passing;
  match_cache_counters counters;
};

match_cache::implementation::implementation(subscription_table& matched,
                                            reader_index as,
                                            match_cache_options limits)
  : table(matched),
    reader(as),
    options(limits),
    seed(~matched.hash_seed()),
    sets(std::bit_ceil(std::max(limits.entries_max, ways)) / ways),
    entries(sets.size() * ways) {
  options.topic_size_max = std::min<std::size_t>(limits.topic_size_max, 65'535);
}

std::uint64_t match_cache::implementation::hash_of(
  mqtt::bytes_view mountpoint, mqtt::bytes_view topic_name) const noexcept {
  const auto prefix = mountpoint.empty() ? seed : hash_bytes(seed, mountpoint);
  // Zero marks a free place.
  return hash_bytes(prefix, topic_name) | 1;
}

cache_entry*
match_cache::implementation::find(std::uint64_t hash,
                                  mqtt::bytes_view mountpoint,
                                  mqtt::bytes_view topic_name) noexcept {
  const auto set = set_of(hash);
  const auto& hashes = sets[set].hashes;
  for (std::size_t way = 0; way < ways; ++way) {
    if (hashes[way] != hash)
      continue;
    auto& entry = entries[set * ways + way];
    if (entry.is_for(mountpoint, topic_name))
      return &entry;
  }
  return nullptr;
}

const std::shared_ptr<const match_set>&
match_cache::implementation::match_anew(cache_entry* known, std::uint64_t hash,
                                        mqtt::bytes_view mountpoint,
                                        mqtt::bytes_view topic_name) {
  auto made = std::make_shared<match_set>();
  const auto version = table.match(reader, mountpoint, topic_name, *made);
  const auto key_size = mountpoint.size() + topic_name.size();
  const auto size_of_all = made->memory_bytes() + key_size;
  // One match must not push out all others.
  if (key_size > options.topic_size_max
      || size_of_all > options.memory_bytes_max / 8) {
    if (known)
      evict(*known);
    passing = std::move(made);
    return passing;
  }
  auto& entry = known ? *known : make_entry(hash, mountpoint, topic_name);
  memory += size_of_all - entry.memory;
  entry.memory = static_cast<std::uint32_t>(size_of_all);
  entry.version = version;
  entry.targets = std::move(made);
  shrink_to_limit(entry);
  return entry.targets;
}

cache_entry&
match_cache::implementation::make_entry(std::uint64_t hash,
                                        mqtt::bytes_view mountpoint,
                                        mqtt::bytes_view topic_name) {
  const auto set = set_of(hash);
  auto& hashes = sets[set].hashes;
  auto way
    = static_cast<std::size_t>(std::ranges::find(hashes, 0U) - hashes.begin());
  if (way == ways) {
    // Clock within the set: whoever was not used since the last search goes.
    way = turn++ % ways;
    while (std::exchange(entries[set * ways + way].is_recent, false))
      way = (way + 1) % ways;
    evict(entries[set * ways + way]);
    ++counters.evictions;
  }
  auto& entry = entries[set * ways + way];
  entry.key = std::make_unique<char[]>(mountpoint.size() + topic_name.size());
  std::ranges::copy(mountpoint, entry.key.get());
  std::ranges::copy(topic_name, entry.key.get() + mountpoint.size());
  entry.mountpoint_size = static_cast<std::uint16_t>(mountpoint.size());
  entry.topic_size = static_cast<std::uint16_t>(topic_name.size());
  entry.shard
    = static_cast<std::uint16_t>(table.shard_of_topic(mountpoint, topic_name));
  hashes[way] = hash;
  ++size;
  return entry;
}

void match_cache::implementation::evict(cache_entry& entry) noexcept {
  const auto position = static_cast<std::size_t>(&entry - entries.data());
  sets[position / ways].hashes[position % ways] = 0;
  memory -= entry.memory;
  entry = cache_entry{};
  --size;
}

void match_cache::implementation::shrink_to_limit(
  const cache_entry& spared) noexcept {
  while (memory > options.memory_bytes_max) {
    auto& entry = entries[hand];
    hand = (hand + 1) % entries.size();
    if (!entry.targets || &entry == &spared
        || std::exchange(entry.is_recent, false))
      continue;
    evict(entry);
    ++counters.evictions;
  }
}

match_cache::match_cache(subscription_table& table, reader_index reader,
                         match_cache_options options)
  : impl_(std::make_unique<implementation>(table, reader, options)) {}

match_cache::~match_cache() = default;

const std::shared_ptr<const match_set>&
match_cache::match(mqtt::bytes_view mountpoint, mqtt::bytes_view topic_name) {
  auto& self = *impl_;
  const auto hash = self.hash_of(mountpoint, topic_name);
  auto* known = self.find(hash, mountpoint, topic_name);
  if (known && known->version == self.table.version(known->shard)) {
    ++self.counters.hits;
    known->is_recent = true;
    return known->targets;
  }
  ++(known ? self.counters.stale : self.counters.misses);
  return self.match_anew(known, hash, mountpoint, topic_name);
}

void match_cache::clear() {
  auto& self = *impl_;
  for (auto& entry : self.entries)
    if (entry.targets)
      self.evict(entry);
  self.passing.reset();
}

std::size_t match_cache::size() const noexcept {
  return impl_->size;
}

std::size_t match_cache::memory_bytes() const noexcept {
  return impl_->memory
         + impl_->entries.size()
             * (sizeof(cache_entry) + sizeof(std::uint64_t));
}

const match_cache_counters& match_cache::counters() const noexcept {
  return impl_->counters;
}

} // namespace hetzel::messaging
