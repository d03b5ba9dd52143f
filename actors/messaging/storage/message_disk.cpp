#include "actors/messaging/storage/message_disk.hpp"

#include "persistence/errc.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <utility>

namespace hetzel::messaging {

namespace {

/// Part of the layout: it says in which shard a queue is.
constexpr std::uint64_t placement_seed = 0x6d657373;

} // namespace

message_disk::shard_place::shard_place(
  std::unique_ptr<persistence::key_value_store> on,
  std::unique_ptr<persistence::message_store> opened, unsigned number)
  : records(std::move(on)),
    messages(std::move(opened)),
    bodies(number, messages->first_id()) {}

mqtt::expected<std::unique_ptr<message_disk>, std::string>
message_disk::open(stores shards) {
  std::unique_ptr<message_disk> made{new message_disk};
  const auto count = static_cast<std::uint16_t>(shards.size());
  std::vector<const persistence::reader*> readers;
  for (std::uint16_t i = 0; i < count; ++i) {
    auto opened = persistence::message_store::open(*shards[i], {count, i});
    if (!opened)
      return mqtt::unexpected<std::string>(
        "shard " + std::to_string(i) + " of " + std::to_string(count) + ": "
        + std::string{persistence::sentence(opened.error())});
    readers.push_back(shards[i].get());
    made->shards_.emplace_back(std::move(shards[i]), std::move(*opened), i);
  }
  for (auto& place : made->shards_)
    place.messages->connect(readers);
  return made;
}

message_disk::~message_disk() = default;

message_disk::stillness message_disk::hold_still() {
  stillness held;
  for (auto& place : shards_)
    held.emplace_back(place.guard);
  return held;
}

/// Another reason to fail is no change.
void message_disk::set_failure(std::size_t number, persistence::errc code,
                               mqtt::time_point now) noexcept {
  auto& place = shards_[number];
  const auto before = place.failure.exchange(code, std::memory_order_relaxed);
  using persistence::errc;
  if ((before == errc::none) != (code == errc::none))
    place.changed.store(now, std::memory_order_relaxed);
}

disk_health message_disk::health(std::size_t number,
                                 mqtt::time_point now) const noexcept {
  const auto& place = shards_[number];
  return {place.failure.load(std::memory_order_relaxed),
          std::chrono::floor<std::chrono::seconds>(
            now - place.changed.load(std::memory_order_relaxed))};
}

/// Twice, a sweep apart: what was sent before the first has arrived by then.
bool message_disk::note_marked(std::size_t number) noexcept {
  if (shards_[number].marked < 2)
    ++shards_[number].marked;
  return std::all_of(shards_.begin(), shards_.end(),
                     [](const shard_place& one) { return one.marked >= 2; });
}

std::size_t
message_disk::shard_of(const subscriber_key& key) const noexcept {
  const auto text = key.text();
  return XXH64(text.data(), text.size(), placement_seed) % shards_.size();
}

} // namespace hetzel::messaging
