#pragma once

#include "actors/messaging/index/share_subscribers.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace hetzel::messaging {

class match_builder;

/// All subscriptions to one filter in 16 bytes, since most filters have just
/// one subscriber: that one in place, more than one or a share group on the
/// heap. Functions that change it add the change of heap use to `heap_bytes`.
class subscriber_list {
public:
  subscriber_list() = default;
  subscriber_list(subscriber_list&& other) noexcept;
  subscriber_list& operator=(subscriber_list&& other) noexcept;
  ~subscriber_list();

  bool insert(const subscription& added, std::size_t& heap_bytes);
  bool erase(queue_id queue, std::size_t& heap_bytes);

  /// The group of that name; null: none.
  [[nodiscard]] const share_subscribers*
  find_group(mqtt::bytes_view share_group) const noexcept;

  /// Precondition: the list has no group of that name.
  void add_group(std::shared_ptr<const share_identity> identity,
                 std::size_t& heap_bytes);

  /// Precondition: the list has that group.
  bool insert_member(mqtt::bytes_view share_group, const subscription& added,
                     std::size_t& heap_bytes);

  /// Ends the group with its last member.
  bool erase_member(mqtt::bytes_view share_group, queue_id queue,
                    std::size_t& heap_bytes);

  void add_to(match_builder& out) const;

  [[nodiscard]] bool empty() const noexcept { return !queue_ && rest_ == 0; }

private:
  struct block;

  [[nodiscard]] block* heap() const noexcept;
  [[nodiscard]] subscription one() const noexcept;
  block& make_block(std::size_t& heap_bytes);
  void drop_block_if_empty(std::size_t& heap_bytes) noexcept;

  // With a queue: the one subscription, `rest_` being its other half.
  // Without: `rest_` is the address of a block, or zero.
  queue_id queue_;
  std::uint64_t rest_ = 0;
};

static_assert(sizeof(subscriber_list) == 16);

} // namespace hetzel::messaging
