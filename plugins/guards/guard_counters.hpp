#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hetzel::plugins {

/// Facts that the built-in guards count. `name_of` has their metric names.
enum class guard_fact : unsigned char {
  file_loaded,          ///< a file of a plugin was read, and is in force
  file_failed,          ///< it could not, and what it said before stays
  passwd_wrong,         ///< a CONNECT with a wrong password
  passwd_hashed,        ///< slow hashes that were computed
  passwd_cached,        ///< that were not, for the password was known
  passwd_queue_full,    ///< a CONNECT refused, for too many wait for a hash
  passwd_late,          ///< nobody waited any more
  acl_denied,           ///< a rule denied a PUBLISH or a subscription
  jwt_refused,          ///< a token that lets nobody in
  scram_refused,        ///< an exchange that failed
  ban_refused,          ///< a connection or CONNECT of somebody who is banned
  ban_flapping,         ///< a client banned because it flapped
  subscription_revoked, ///< taken away because the rules changed
  count_                ///< number of facts, not one of them
};

inline constexpr std::size_t guard_facts_count
  = static_cast<std::size_t>(guard_fact::count_);

[[nodiscard]] std::string_view name_of(guard_fact which) noexcept;

/// Written and read by any thread: all of them are rare.
class guard_counters {
public:
  void add(guard_fact which, std::uint64_t amount = 1) noexcept {
    facts_[static_cast<std::size_t>(which)].fetch_add(
      amount, std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t value(guard_fact which) const noexcept {
    return facts_[static_cast<std::size_t>(which)].load(
      std::memory_order_relaxed);
  }

private:
  std::array<std::atomic<std::uint64_t>, guard_facts_count> facts_{};
};

} // namespace hetzel::plugins
