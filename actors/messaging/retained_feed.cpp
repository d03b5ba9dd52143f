#include "actors/messaging/retained_feed.hpp"

#include "protocol/assert.hpp"

#include <utility>

namespace hetzel::messaging {

namespace {

/// Messages per answer: enough to keep a socket busy, few enough to fit into
/// a queue of the default length several times.
constexpr std::uint32_t chunk_messages = 100;

} // namespace

void retained_feed::add(grant subscription, std::uint32_t first,
                        std::uint32_t last) {
  tasks_.push_back({std::move(subscription), first, last});
}

retained_request retained_feed::next(mqtt::bytes_view mountpoint) {
  HETZEL_ASSERT(is_ready());
  under_way_ = true;
  const auto& first = tasks_.front();
  return {first.shard, std::string{mountpoint},
          first.subscription.topic_filter, first.walk, chunk_messages,
          ++round_};
}

const retained_feed::grant*
retained_feed::current(std::uint32_t round) const noexcept {
  return under_way_ && round == round_ ? &tasks_.front().subscription : nullptr;
}

void retained_feed::advance(std::uint64_t walk) {
  HETZEL_ASSERT(under_way_);
  under_way_ = false;
  auto& first = tasks_.front();
  first.walk = walk;
  if (walk != 0)
    return;
  if (first.shard++ == first.last)
    tasks_.erase(tasks_.begin());
}

std::optional<retained_request> retained_feed::clear() {
  std::optional<retained_request> cancelled;
  if (!tasks_.empty() && tasks_.front().walk != 0)
    cancelled = retained_request{tasks_.front().shard, {}, {},
                                 tasks_.front().walk, 0, 0};
  tasks_.clear();
  under_way_ = false;
  return cancelled;
}

} // namespace hetzel::messaging
