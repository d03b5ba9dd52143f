#pragma once

#include "protocol/basic_types.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace hetzel::plugins {

/// What providers said to one client that may be taken for a while: verdicts
/// by what was asked, each with its expiry. Bounded: a full one forgets its
/// entries in turn. Only for one version of the chains: another one empties it.
template <class Verdict>
class decision_cache {
public:
  /// `size_max`: entries, at least 1. Costs about 100 bytes and the key each.
  explicit decision_cache(std::size_t size_max) : size_max_(size_max) {}

  /// Null: unknown, or too old. The pointer lives until the next call.
  [[nodiscard]] const Verdict* find(std::uint64_t chains, mqtt::bytes_view key,
                                    mqtt::time_point now) noexcept {
    if (chains != chains_)
      return nullptr;
    const auto hash = std::hash<mqtt::bytes_view>{}(key);
    for (const auto& one : entries_)
      if (one.hash == hash && one.key == key)
        return one.expires > now ? &one.said : nullptr;
    return nullptr;
  }

  /// For as long as `said.cache_for`, which is positive.
  void put(std::uint64_t chains, mqtt::bytes_view key, const Verdict& said,
           mqtt::time_point now) {
    if (chains != chains_)
      entries_.clear();
    chains_ = chains;
    entry made{std::hash<mqtt::bytes_view>{}(key), std::string{key}, said,
               now + said.cache_for};
    for (auto& one : entries_)
      if (one.hash == made.hash && one.key == key)
        return void(one = std::move(made));
    if (entries_.size() < size_max_)
      return entries_.push_back(std::move(made));
    oldest_ = oldest_ % size_max_;
    entries_[oldest_++] = std::move(made);
  }

  void clear() noexcept { entries_.clear(); }

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
  struct entry {
    std::size_t hash = 0;
    std::string key;
    Verdict said;
    mqtt::time_point expires;
  };

  std::size_t size_max_;
  std::size_t oldest_ = 0;
  std::uint64_t chains_ = 0;
  std::vector<entry> entries_;
};

} // namespace hetzel::plugins
