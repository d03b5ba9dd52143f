#pragma once

#include "actors/messaging/index/share_group.hpp"
#include "protocol/basic_types.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

namespace hetzel::messaging {

/// How the member that gets a message is chosen. Every policy takes a member
/// that is online before one that is not. On a single node all members are
/// local, so that VerneMQ's three names mean the same as `random`.
enum class share_policy : std::uint8_t {
  prefer_local,               ///< VerneMQ's default
  random,                     ///< any, evenly
  local_only,                 ///< VerneMQ's
  prefer_online_before_local, ///< VerneMQ's
  round_robin,                ///< one after the other
  sticky,                     ///< the same one until it leaves or goes offline
  hash,         ///< by publisher: a publisher's messages stay in order
  hash_topic,   ///< by topic name: a topic's messages stay in order
  least_loaded, ///< the shortest queue, of at most 64 drawn members
};

/// The name in the configuration.
[[nodiscard]] std::string_view to_string(share_policy policy) noexcept;

/// nullopt: no such policy.
[[nodiscard]] std::optional<share_policy>
share_policy_of(std::string_view name) noexcept;

/// What the policies know about a member's queue.
struct member_load {
  bool is_online = false;
  /// Messages waiting or in flight.
  std::size_t depth = 0;
  /// What it is sent at QoS 1 and 2 is stored before it is acknowledged.
  bool is_stored = false;
};

/// A borrowed callable `member_load(queue_id)`; it must outlive the call that
/// it is passed to.
class load_lookup {
public:
  template <class Callable>
  requires(!std::same_as<std::remove_cvref_t<Callable>, load_lookup>)
    load_lookup(Callable&& load_of) // NOLINT(google-explicit-constructor)
    : target_(&load_of), call_([](const void* target, queue_id queue) {
        using type = std::remove_reference_t<Callable>;
        return member_load{(*static_cast<const type*>(target))(queue)};
      }) {}

  member_load operator()(queue_id queue) const { return call_(target_, queue); }

private:
  const void* target_;
  member_load (*call_)(const void*, queue_id);
};

/// One message for one group.
struct share_request {
  share_policy policy = share_policy::prefer_local;
  mqtt::publisher_id publisher = 0;
  mqtt::bytes_view topic_name;
  mqtt::qos quality{};
  /// With `upgrade_outgoing_qos` the member's QoS counts alone.
  bool upgrade_outgoing_qos = false;
  /// The member that has failed to take it; zero: none.
  queue_id excluded;
  /// A fresh random number.
  std::uint64_t random = 0;
};

/// The position in `group.members` of the member that gets it. A member that
/// is offline is not eligible for QoS 0, which no offline queue keeps. nullopt:
/// there is no eligible member. Asks for one load as a rule, for that of every
/// member when most are offline.
[[nodiscard]] std::optional<std::size_t>
select_member(const shared_target& group, const share_request& request,
              load_lookup load_of);

} // namespace hetzel::messaging
