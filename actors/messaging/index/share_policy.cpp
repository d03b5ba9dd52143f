#include "actors/messaging/index/share_policy.hpp"

#include "actors/messaging/index/topic_hash.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace hetzel::messaging {

namespace {

constexpr std::array<std::string_view, 9> policy_names{
  "prefer_local", "random", "local_only", "prefer_online_before_local",
  "round_robin",  "sticky", "hash",       "hash_topic",
  "least_loaded",
};

/// Loads that least_loaded compares, so that a group of any size costs a
/// publisher no more than this.
constexpr std::size_t loads_compared_max = 64;

using position = std::size_t;
using choice = std::optional<position>;

/// One selection at work.
class selection {
public:
  selection(const shared_target& group, const share_request& request,
            load_lookup load_of)
    : group_(*group.group),
      members_(*group.members),
      request_(request),
      load_of_(load_of) {}

  [[nodiscard]] choice run() const;

private:
  [[nodiscard]] choice first_from(position start) const;
  [[nodiscard]] choice sticky() const;
  [[nodiscard]] choice by_hash(std::uint64_t key) const;
  [[nodiscard]] choice least_loaded() const;

  /// A position from 64 random bits, evenly.
  [[nodiscard]] position random_position() const noexcept;
  [[nodiscard]] position next_turn() const noexcept;
  [[nodiscard]] bool is_candidate(position at) const noexcept;
  [[nodiscard]] bool takes_offline(position at) const noexcept;

  const share_identity& group_;
  const share_members& members_;
  const share_request& request_;
  load_lookup load_of_;
};

choice selection::run() const {
  if (members_.size() == 0)
    return std::nullopt;
  switch (request_.policy) {
  case share_policy::prefer_local:
  case share_policy::random:
  case share_policy::local_only:
  case share_policy::prefer_online_before_local:
    return first_from(random_position());
  case share_policy::round_robin:
    return first_from(next_turn());
  case share_policy::sticky:
    return sticky();
  case share_policy::hash:
    return by_hash(request_.publisher);
  case share_policy::hash_topic:
    return by_hash(hash_bytes(0, request_.topic_name));
  case share_policy::least_loaded:
    break;
  }
  return least_loaded();
}

/// The first member from `start` on, round the list, that is online; else the
/// first that keeps the message for later.
choice selection::first_from(position start) const {
  choice offline;
  for (position i = 0; i < members_.size(); ++i) {
    const auto at = (start + i) % members_.size();
    if (!is_candidate(at))
      continue;
    if (load_of_(members_[at].queue).is_online)
      return at;
    if (!offline && takes_offline(at))
      offline = at;
  }
  return offline;
}

choice selection::sticky() const {
  const queue_id favourite{group_.favourite.load(std::memory_order_relaxed)};
  if (favourite) {
    const auto found
      = std::ranges::find(members_, favourite, &subscription::queue);
    const auto at = static_cast<position>(found - members_.begin());
    if (found != members_.end() && is_candidate(at)
        && load_of_(favourite).is_online)
      return at;
  }
  // Two reactors may choose at once: the later choice stays.
  const auto chosen = first_from(random_position());
  if (chosen)
    group_.favourite.store(members_[*chosen].queue.value(),
                           std::memory_order_relaxed);
  return chosen;
}

/// The member with the highest weight for that key (rendezvous hashing): when a
/// member comes or goes, only the keys that it gains or loses move.
choice selection::by_hash(std::uint64_t key) const {
  const auto weight = [&](position at) {
    constexpr std::uint64_t odd = 0x9FB2'1C65'1E98'DF25U;
    return fold(key ^ odd, std::hash<queue_id>{}(members_[at].queue) | 1);
  };
  choice best;
  for (position at = 0; at < members_.size(); ++at)
    if (is_candidate(at) && (!best || weight(at) > weight(*best)))
      best = at;
  if (!best || load_of_(members_[*best].queue).is_online)
    return best;
  choice online;
  choice offline;
  for (position at = 0; at < members_.size(); ++at) {
    if (!is_candidate(at))
      continue;
    const auto is_online = load_of_(members_[at].queue).is_online;
    if (!is_online && !takes_offline(at))
      continue;
    auto& rank = is_online ? online : offline;
    if (!rank || weight(at) > weight(*rank))
      rank = at;
  }
  return online ? online : offline;
}

choice selection::least_loaded() const {
  // Turns move the start, so that equals take turns and a large group is
  // compared part by part.
  const auto start
    = next_turn() * std::min<position>(loads_compared_max, members_.size() - 1);
  const auto compared = std::min(members_.size(), loads_compared_max);
  choice best;
  std::size_t best_depth = 0;
  for (position i = 0; i < compared; ++i) {
    const auto at = (start + i) % members_.size();
    if (!is_candidate(at))
      continue;
    const auto load = load_of_(members_[at].queue);
    if (load.is_online && (!best || load.depth < best_depth)) {
      best = at;
      best_depth = load.depth;
    }
  }
  return best ? best : first_from(start);
}

position selection::random_position() const noexcept {
  const auto high = request_.random >> 32;
  return static_cast<position>(high * members_.size() >> 32);
}

position selection::next_turn() const noexcept {
  const auto turn = group_.turn.fetch_add(1, std::memory_order_relaxed);
  return static_cast<position>(turn % members_.size());
}

bool selection::is_candidate(position at) const noexcept {
  return !request_.excluded || members_[at].queue != request_.excluded;
}

bool selection::takes_offline(position at) const noexcept {
  const auto granted = members_[at].options.quality;
  const auto delivered = request_.upgrade_outgoing_qos
                           ? granted
                           : std::min(granted, request_.quality);
  return delivered != mqtt::qos::at_most_once;
}

} // namespace

std::string_view to_string(share_policy policy) noexcept {
  return policy_names[static_cast<std::size_t>(policy)];
}

std::optional<share_policy> share_policy_of(std::string_view name) noexcept {
  const auto found = std::ranges::find(policy_names, name);
  if (found == policy_names.end())
    return std::nullopt;
  return static_cast<share_policy>(found - policy_names.begin());
}

std::optional<std::size_t> select_member(const shared_target& group,
                                         const share_request& request,
                                         load_lookup load_of) {
  return selection{group, request, load_of}.run();
}

} // namespace hetzel::messaging
