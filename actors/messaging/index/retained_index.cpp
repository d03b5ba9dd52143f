#include "actors/messaging/index/retained_index.hpp"

#include "actors/messaging/index/levels.hpp"
#include "actors/messaging/index/retained_tree.hpp"
#include "actors/messaging/index/retained_walk.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::messaging {

struct retained_index::implementation {
  explicit implementation(const retained_index_options& limits)
    : options(limits),
      tree(limits.hash_seed,
           limits.arena ? limits.arena : std::make_shared<chunk_arena>()) {}

  /// Takes the message from a node that has one, and the node if it is unused.
  mqtt::message_ptr remove(node_id node);
  void count(const mqtt::message& added) noexcept;
  void discount(const mqtt::message& removed) noexcept;

  [[nodiscard]] bool fits(std::size_t added, std::size_t removed) const;

  retained_index_options options;
  retained_tree tree;
  std::size_t size = 0;
  std::size_t bytes = 0;
  /// Messages that have an expiry.
  std::size_t expiring = 0;
  /// The node that the sweep looks at next.
  std::size_t swept = 0;
};

mqtt::message_ptr retained_index::implementation::remove(node_id node) {
  auto removed = std::exchange(tree.at(node).message, {});
  tree.release(node);
  discount(*removed);
  return removed;
}

void retained_index::implementation::count(
  const mqtt::message& added) noexcept {
  ++size;
  bytes += added.size();
  expiring += added.expires_at() ? 1 : 0;
}

void retained_index::implementation::discount(
  const mqtt::message& removed) noexcept {
  --size;
  bytes -= removed.size();
  expiring -= removed.expires_at() ? 1 : 0;
}

bool retained_index::implementation::fits(std::size_t added,
                                          std::size_t removed) const {
  // What does not grow the sum is taken even when the limit was lowered.
  return options.bytes_max == 0 || added <= removed
         || bytes - removed + added <= options.bytes_max;
}

retained_cursor::retained_cursor(mqtt::bytes_view mountpoint,
                                 mqtt::bytes_view topic_filter)
  : mountpoint_(mountpoint), filter_(topic_filter) {
  std::uint32_t begin = 0;
  for (level_reader reader{filter_}; reader.has_next();) {
    levels_.push_back(begin);
    begin += static_cast<std::uint32_t>(reader.next().size() + 1);
  }
  levels_.push_back(begin);
}

retained_cursor::~retained_cursor() {
  release();
}

retained_cursor::retained_cursor(retained_cursor&& other) noexcept
  : mountpoint_(std::move(other.mountpoint_)),
    filter_(std::move(other.filter_)),
    levels_(std::move(other.levels_)),
    index_(std::exchange(other.index_, nullptr)),
    node_(std::exchange(other.node_, 0)),
    depth_(other.depth_),
    state_(std::exchange(other.state_, state::done)) {}

retained_cursor& retained_cursor::operator=(retained_cursor&& other) noexcept {
  if (this != &other) {
    this->~retained_cursor();
    new (this) retained_cursor(std::move(other));
  }
  return *this;
}

void retained_cursor::release() noexcept {
  if (node_ != 0)
    index_->impl_->tree.unpin(std::exchange(node_, 0));
}

retained_index::retained_index(const retained_index_options& options)
  : impl_(std::make_unique<implementation>(options)) {}

retained_index::~retained_index() = default;

retain_verdict retained_index::set(mqtt::message_ptr retained) {
  auto& self = *impl_;
  const auto mountpoint = retained->mountpoint();
  const auto topic_name = retained->topic_name();
  if (retained->payload().empty())
    return erase(mountpoint, topic_name) ? retain_verdict::erased
                                         : retain_verdict::absent;
  auto node = self.tree.find(mountpoint, topic_name);
  const auto replaced_size = node ? self.tree.at(node).message->size() : 0;
  if (node == 0 && self.options.count_max != 0
      && self.size >= self.options.count_max)
    return retain_verdict::rejected_count;
  if (!self.fits(retained->size(), replaced_size))
    return retain_verdict::rejected_bytes;
  const auto is_new = node == 0;
  if (is_new)
    node = self.tree.make(mountpoint, topic_name);
  else
    self.discount(*self.tree.at(node).message);
  self.count(*retained);
  self.tree.at(node).message = std::move(retained);
  return is_new ? retain_verdict::stored : retain_verdict::replaced;
}

bool retained_index::erase(mqtt::bytes_view mountpoint,
                           mqtt::bytes_view topic_name) {
  const auto node = impl_->tree.find(mountpoint, topic_name);
  if (node == 0)
    return false;
  impl_->remove(node);
  return true;
}

mqtt::message_ptr retained_index::get(mqtt::bytes_view mountpoint,
                                      mqtt::bytes_view topic_name) const {
  const auto node = impl_->tree.find(mountpoint, topic_name);
  return node == 0 ? mqtt::message_ptr{} : impl_->tree.at(node).message;
}

void retained_index::match(retained_cursor& cursor, mqtt::time_point now,
                           walk_budget budget,
                           std::vector<mqtt::message_ptr>& out) {
  using state = retained_cursor::state;
  if (cursor.is_done())
    return;
  auto& tree = impl_->tree;
  retained_walk walk{tree, cursor};
  const auto left = cursor.node_;
  auto goes_on = cursor.state_ == state::fresh ? walk.start() : walk.advance();
  const auto end = out.size() + budget.messages;
  for (auto steps = budget.steps; goes_on; goes_on = walk.advance()) {
    if (walk.is_match()) {
      const auto& message = tree.at(cursor.node_).message;
      if (!message->is_expired(now))
        out.push_back(message);
    }
    if (out.size() >= end || --steps == 0)
      break;
  }
  cursor.state_ = goes_on ? state::under_way : state::done;
  cursor.index_ = this;
  // Hold on to the new place before the old one goes, perhaps with its
  // parents.
  if (cursor.node_ != 0)
    tree.pin(cursor.node_);
  if (left != 0)
    tree.unpin(left);
}

std::size_t retained_index::sweep(mqtt::time_point now, std::size_t budget,
                                  std::vector<mqtt::message_ptr>& out) {
  auto& self = *impl_;
  const auto before = out.size();
  auto left = std::min(budget, self.tree.node_end());
  for (; left > 0 && self.expiring > 0; --left) {
    self.swept = self.swept + 1 < self.tree.node_end() ? self.swept + 1 : 0;
    const auto node = static_cast<node_id>(self.swept);
    const auto& message = self.tree.at(node).message;
    if (message && message->is_expired(now))
      out.push_back(self.remove(node));
  }
  return out.size() - before;
}

void retained_index::set_limits(std::size_t count_max,
                                std::size_t bytes_max) noexcept {
  impl_->options.count_max = count_max;
  impl_->options.bytes_max = bytes_max;
}

std::size_t retained_index::size() const noexcept {
  return impl_->size;
}

std::size_t retained_index::message_bytes() const noexcept {
  return impl_->bytes;
}

std::size_t retained_index::memory_bytes() const noexcept {
  return sizeof(implementation) + impl_->tree.memory_bytes();
}

std::size_t retained_index::node_count() const noexcept {
  return impl_->tree.node_count();
}

} // namespace hetzel::messaging
