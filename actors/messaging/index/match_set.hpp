#pragma once

#include "actors/messaging/index/share_group.hpp"
#include "actors/messaging/index/subscription.hpp"
#include "protocol/delivery.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hetzel::messaging {

/// What No Local means for the publisher's own queue when it is a target.
enum class own_rule : std::uint8_t {
  same, ///< none of the matching subscriptions has No Local
  none, ///< all of them have it: the publisher gets nothing
  part, ///< some have it: the publisher gets what the others grant
};

/// One queue that gets a message, by one or several overlapping subscriptions
/// (MQTT 5, 3.3.4): the highest QoS, all identifiers, RETAIN kept when any of
/// them says so.
struct match_target {
  queue_id queue;
  /// Position in the set's table of identifier lists; zero: none.
  std::uint32_t ids = 0;
  mqtt::qos quality{};
  bool retain_as_published = false;
  own_rule own = own_rule::same;
};

static_assert(sizeof(match_target) == 16);

/// Who gets what is published to one topic. Made by match_builder and not
/// changed afterwards, so that reactors can share one through a
/// `shared_ptr<const match_set>`: reading is safe from any thread.
class match_set {
public:
  /// Each queue once, grouped by reactor in ascending order.
  [[nodiscard]] std::span<const match_target> targets() const noexcept {
    return targets_;
  }

  /// The targets on one reactor.
  [[nodiscard]] std::span<const match_target>
  targets_of(queue_id::reactor_type reactor) const noexcept;

  /// Calls `visit(reactor, span<const match_target>)` for each reactor that has
  /// targets, in ascending order.
  template <class Visitor>
  void for_each_reactor(Visitor&& visit) const {
    for (auto rest = targets(); !rest.empty();) {
      const auto reactor = rest.front().queue.reactor();
      const auto batch = leading_batch(rest);
      visit(reactor, batch);
      rest = rest.subspan(batch.size());
    }
  }

  /// Share groups, each of which gets the message once.
  [[nodiscard]] std::span<const shared_target> shared() const noexcept {
    return shared_;
  }

  /// What a delivery to `target` carries; null when there is none.
  [[nodiscard]] const mqtt::subscription_ids&
  ids_of(const match_target& target) const noexcept;

  /// What `target` becomes for a message of that publisher: `&target` unless
  /// it is the publisher's own queue and No Local says otherwise; null when the
  /// publisher must not get it [MQTT-3.8.3-3].
  [[nodiscard]] const match_target*
  for_publisher(const match_target& target,
                mqtt::publisher_id publisher) const noexcept {
    return target.own == own_rule::same || target.queue.value() != publisher
             ? &target
             : own_target(target);
  }

  [[nodiscard]] bool empty() const noexcept {
    return targets_.empty() && shared_.empty();
  }

  /// Approximate memory it occupies, members of share groups not counted.
  [[nodiscard]] std::size_t memory_bytes() const noexcept;

private:
  friend class match_builder;

  [[nodiscard]] static std::span<const match_target>
  leading_batch(std::span<const match_target> targets) noexcept;

  [[nodiscard]] const match_target*
  own_target(const match_target& target) const noexcept;

  std::vector<match_target> targets_;
  std::vector<shared_target> shared_;
  /// Identifier lists by position - 1.
  std::vector<mqtt::subscription_ids> ids_;
  /// Replacements of targets with `own_rule::part`, for their own messages.
  std::vector<match_target> own_;
};

} // namespace hetzel::messaging
