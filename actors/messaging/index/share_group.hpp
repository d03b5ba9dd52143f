#pragma once

#include "actors/messaging/index/subscription.hpp"
#include "protocol/delivery.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace hetzel::messaging {

/// The members of a share group at one moment; never changed once made.
class share_members {
public:
  /// In the order of joining, as far as leaving members did not disturb it.
  explicit share_members(std::vector<subscription> members);

  [[nodiscard]] std::size_t size() const noexcept { return members_.size(); }

  [[nodiscard]] const subscription&
  operator[](std::size_t position) const noexcept {
    return members_[position];
  }

  [[nodiscard]] auto begin() const noexcept { return members_.begin(); }
  [[nodiscard]] auto end() const noexcept { return members_.end(); }

  /// What a delivery to that member carries; null without an identifier.
  [[nodiscard]] const mqtt::subscription_ids&
  ids_of(std::size_t position) const noexcept;

  [[nodiscard]] std::size_t memory_bytes() const noexcept;

private:
  std::vector<subscription> members_;
  /// Parallel to `members_`, or empty when no member has an identifier.
  std::vector<mqtt::subscription_ids> ids_;
};

/// What makes a share group *this* group, whoever its members are, and what
/// the policies remember about it. Shared by all reactors.
struct share_identity {
  mqtt::share_id id = 0;
  std::string mountpoint;
  std::string share_group;
  std::string topic_filter;

  /// Turns taken so far (round_robin, and the tie-breaks of others).
  mutable std::atomic<std::uint64_t> turn{0};
  /// The queue_id that sticky chose; zero: none yet.
  mutable std::atomic<std::uint64_t> favourite{0};
};

/// One group in a match.
struct shared_target {
  std::shared_ptr<const share_identity> group;
  std::shared_ptr<const share_members> members;

  [[nodiscard]] mqtt::share_id id() const noexcept { return group->id; }
};

/// Gives share groups their numbers and finds the group of a number. Used by
/// all shards, from any thread. A group is known as long as somebody holds its
/// identity: the index, or a match that is still cached or under way.
class share_registry : public std::enable_shared_from_this<share_registry> {
public:
  [[nodiscard]] static std::shared_ptr<share_registry> make();

  /// The identity of `$share/{share_group}/{topic_filter}`, made when nobody
  /// holds it. An index that is rebuilt gets the numbers it had.
  [[nodiscard]] std::shared_ptr<const share_identity>
  acquire(mqtt::bytes_view mountpoint, mqtt::bytes_view share_group,
          mqtt::bytes_view topic_filter);

  /// Null when nobody holds that group any more.
  [[nodiscard]] std::shared_ptr<const share_identity>
  find(mqtt::share_id id) const;

  /// The same of those names.
  [[nodiscard]] std::shared_ptr<const share_identity>
  find(mqtt::bytes_view mountpoint, mqtt::bytes_view share_group,
       mqtt::bytes_view topic_filter) const;

  [[nodiscard]] std::size_t size() const;

private:
  share_registry() = default;

  [[nodiscard]] mqtt::share_id next_free_id();
  void release(const share_identity& last) noexcept;

  mutable std::mutex mutex_;
  mqtt::share_id last_id_ = 0;
  std::unordered_map<mqtt::share_id, std::weak_ptr<const share_identity>>
    by_id_;
  /// Key: the three names, joined by bytes that UTF-8 has not.
  std::unordered_map<std::string, mqtt::share_id> by_name_;
};

} // namespace hetzel::messaging
