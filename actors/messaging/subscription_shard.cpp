#include "actors/messaging/subscription_shard.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/shard_contents.hpp"
#include "actors/messaging/subscription_change.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/pinned.hpp"
#include "protocol/topic.hpp"

#include <caf/typed_response_promise.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hetzel::messaging {

namespace {

/// Readers wait while a batch is applied: about 50 µs.
constexpr std::size_t changes_per_lock = 64;

constexpr std::chrono::seconds registrar_timeout{5};
constexpr std::chrono::milliseconds retry_delay{200};

void apply(subscription_index& index, mqtt::bytes_view mountpoint,
           const subscription_change& change) {
  const auto filter = mqtt::parse_topic_filter(change.topic_filter,
                                               {0, 65'535});
  if (!filter)
    return;
  switch (change.what) {
    case subscription_change::kind::insert:
      index.insert(mountpoint, *filter, change.subscriber);
      return;
    case subscription_change::kind::erase:
      index.erase(mountpoint, *filter, change.subscriber.queue);
      return;
  }
}

class subscription_shard_state {
public:
  static inline const char* name = "messaging.subscription_shard";

  subscription_shard_state(runtime::pinned_pointer<subscription_shard> self,
                           exchange* node, shard_index shard, bool is_restart)
    : self_(self), node_(node), shard_(shard), is_restart_(is_restart) {}

  subscription_shard::behavior_type make_behavior() {
    if (is_restart_)
      rebuild();
    return {
      runtime::describing(self_, [this] { return snapshot(); }),
      [this](const subscription_changes_ptr& changes) {
        return on_changes(changes);
      },
    };
  }

private:
  using promise = caf::typed_response_promise<void>;

  runtime::state_entries snapshot() const {
    return {{"shard", std::to_string(shard_)},
            {"state", rebuilt_ ? "rebuilding" : "serving"},
            {"changes", std::to_string(changes_)}};
  }

  caf::result<void> on_changes(const subscription_changes_ptr& changes) {
    if (!rebuilt_) {
      write(*changes);
      return caf::unit;
    }
    auto answer = self_->make_response_promise<void>();
    waiting_.push_back({changes, answer});
    return answer;
  }

  void write(const subscription_changes& batch) {
    std::span rest{batch.changes};
    changes_ += rest.size();
    while (!rest.empty()) {
      const auto part = rest.first(std::min(rest.size(), changes_per_lock));
      rest = rest.subspan(part.size());
      node_->subscriptions.write(shard_, [&](subscription_index& index) {
        for (const auto& change : part)
          apply(index, batch.mountpoint, change);
      });
    }
  }

  // -- after a failure -------------------------------------------------------

  void rebuild() {
    runtime::log::warning("subscription_shard.rebuild", {{"shard", shard_}});
    rebuilt_.emplace(node_->subscriptions.make_index());
    missing_ = node_->registrars.size();
    for (std::size_t i = 0; i < node_->registrars.size(); ++i)
      ask(i);
  }

  void ask(std::size_t reactor) {
    self_
      ->request(node_->registrars[reactor].get(), registrar_timeout,
                resubscribe_atom_v, shard_)
      .then([this](const shard_contents_ptr& part) { on_contents(*part); },
            [this, reactor](const caf::error&) {
              // It is being restarted too.
              self_->run_delayed(retry_delay, [=, this] { ask(reactor); });
            });
  }

  void on_contents(const shard_contents& part) {
    for (const auto& one : part.by_subscriber)
      for (const auto& change : one.changes)
        apply(*rebuilt_, one.mountpoint, change);
    if (--missing_ == 0)
      finish();
  }

  /// Changes that came meanwhile may be in the records already: applying them
  /// once more in their order gives the same end.
  void finish() {
    for (const auto& one : waiting_)
      for (const auto& change : one.changes->changes)
        apply(*rebuilt_, one.changes->mountpoint, change);
    node_->subscriptions.replace(shard_, std::move(*rebuilt_));
    rebuilt_.reset();
    for (auto& one : std::exchange(waiting_, {}))
      one.answer.deliver();
    runtime::log::info("subscription_shard.rebuilt", {{"shard", shard_}});
  }

  struct waiting_changes {
    subscription_changes_ptr changes;
    promise answer;
  };

  runtime::pinned_pointer<subscription_shard> self_;
  exchange* node_;
  shard_index shard_;
  bool is_restart_;
  std::uint64_t changes_ = 0;
  /// While it is being rebuilt.
  std::optional<subscription_index> rebuilt_;
  std::size_t missing_ = 0;
  std::vector<waiting_changes> waiting_;
};

} // namespace

subscription_shard spawn_subscription_shard(runtime::reactor& home,
                                            exchange& node, shard_index shard,
                                            bool is_restart) {
  return runtime::spawn_pinned<subscription_shard, subscription_shard_state>(
    home, &node, shard, is_restart);
}

} // namespace hetzel::messaging
