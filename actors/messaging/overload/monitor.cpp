#include "actors/messaging/overload/monitor.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/overload/rules.hpp"
#include "actors/messaging/storage/message_disk.hpp"
#include "actors/messaging/storage/store_writer.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/resident_memory.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace hetzel::messaging {

namespace {

using std::chrono::milliseconds;

/// An answer that does not come within this is no answer; the next question
/// measures on.
constexpr std::chrono::seconds answer_timeout{60};

using monitor_actor
  = overload_monitor::extend<caf::result<void>(measure_atom)>;
using monitor_pointer = runtime::introspected<monitor_actor::impl>*;

class overload_monitor_state {
public:
  static inline const char* name = "messaging.overload_monitor";

  overload_monitor_state(monitor_pointer self, exchange* node)
    : self_(self),
      node_(node),
      couriers_(node->couriers.size()),
      writers_(node->messages ? node->messages->shard_count() : 0) {}

  ~overload_monitor_state() { node_->shed(overload_level::none, 0); }

  overload_monitor_state(const overload_monitor_state&) = delete;
  overload_monitor_state& operator=(const overload_monitor_state&) = delete;

  monitor_actor::behavior_type make_behavior() {
    measure_later();
    return {
      runtime::describing(self_, [this] { return snapshot(); }),
      [this](measure_atom) { on_measure(); },
    };
  }

private:
  /// What is known of one actor.
  struct target {
    mqtt::time_point asked;
    bool is_asked = false; ///< and has not answered
    milliseconds delay{0};
    std::size_t mailbox = 0;

    /// It is at least as slow as it has been silent.
    [[nodiscard]] milliseconds delay_at(mqtt::time_point now) const {
      return is_asked ? std::max(delay, passed(now)) : delay;
    }
    [[nodiscard]] milliseconds passed(mqtt::time_point now) const {
      return std::chrono::duration_cast<milliseconds>(now - asked);
    }
  };
  using targets = std::vector<target>;

  static mqtt::time_point now() { return std::chrono::steady_clock::now(); }

  runtime::state_entries snapshot() const {
    return {{"level", std::string{to_string(rules_.level())}},
            {"cause", std::string{rules_.cause()}},
            {"memory_bytes", std::to_string(seen_.memory_bytes)},
            {"lag_ms", std::to_string(seen_.lag.count())},
            {"store_ms", std::to_string(seen_.store_lag.count())},
            {"mailbox", std::to_string(seen_.mailbox)}};
  }

  void measure_later() {
    self_->delayed_send(caf::actor_cast<monitor_actor>(self_->ctrl()),
                        node_->config()->messaging.overload.interval,
                        measure_atom_v);
  }

  void on_measure() {
    judge();
    for (std::size_t i = 0; i < couriers_.size(); ++i)
      ask(node_->couriers[i].get(), couriers_, i);
    for (std::size_t i = 0; i < writers_.size(); ++i)
      ask(node_->messages->writer(i).get(), writers_, i);
    measure_later();
  }

  /// What takes long to come is the measurement.
  template <class Handle>
  void ask(const Handle& whom, targets& of, std::size_t index) {
    auto& one = of[index];
    if (one.is_asked || !whom)
      return;
    one.is_asked = true;
    one.asked = now();
    self_->request(whom, answer_timeout, runtime::describe_atom_v)
      .then(
        [&one](const runtime::actor_description& what) {
          one.is_asked = false;
          one.delay = one.passed(now());
          one.mailbox = what.mailbox_size;
        },
        // Dead: its supervisor's affair.
        [&one](const caf::error&) { one.is_asked = false; });
  }

  static milliseconds slowest(const targets& of, mqtt::time_point at) {
    milliseconds result{0};
    for (const auto& one : of)
      result = std::max(result, one.delay_at(at));
    return result;
  }

  void judge() {
    const auto at = now();
    seen_ = {};
    seen_.memory_bytes = runtime::resident_memory();
    seen_.lag = slowest(couriers_, at);
    seen_.store_lag = slowest(writers_, at);
    for (const auto* all : {&couriers_, &writers_})
      for (const auto& one : *all)
        seen_.mailbox = std::max(seen_.mailbox, one.mailbox);
    const auto config = node_->config();
    const auto& rules = config->messaging.overload;
    const auto before = rules_.level();
    const auto level = rules_.update(seen_, rules, at);
    const auto actions = rules.actions[static_cast<std::size_t>(level)];
    node_->shed(level, actions);
    if (level != before)
      log(level, before);
    if (node_->sheds(shedding::disconnect_slow))
      for (auto& courier : node_->couriers)
        caf::anon_send(courier.get(), shed_atom_v);
  }

  void log(overload_level level, overload_level before) const {
    const std::string cause{rules_.cause()};
    const std::initializer_list<runtime::log::field> fields{
      {"level", to_string(level)},
      {"before", to_string(before)},
      {"cause", cause},
      {"memory_bytes", seen_.memory_bytes},
      {"lag_ms", seen_.lag.count()},
      {"store_ms", seen_.store_lag.count()},
      {"mailbox", seen_.mailbox}};
    if (level > before)
      runtime::log::warning("overload.begun", fields);
    else
      runtime::log::info("overload.eased", fields);
  }

  monitor_pointer self_;
  exchange* node_;
  /// Not resized: answers refer to their elements.
  targets couriers_;
  targets writers_;
  overload_rules rules_;
  overload_reading seen_;
};

} // namespace

overload_monitor spawn_overload_monitor(caf::actor_system& system,
                                        exchange& node) {
  using implementation
    = caf::stateful_actor<overload_monitor_state,
                          runtime::introspected<monitor_actor::impl>>;
  return caf::actor_cast<overload_monitor>(
    system.spawn<implementation, caf::hidden>(&node));
}

} // namespace hetzel::messaging
