#pragma once

#include "protocol/basic_types.hpp"

#include <chrono>
#include <optional>

namespace hetzel::runtime {

using mqtt::time_point;

/// When the reactors of a node share one thread, and when they part again.
///
/// A message that goes from one thread to another that sleeps costs two system
/// calls, a change of context and the time until a core is free: more than the
/// work itself. So as long as one thread can do it all, it does ("compaction of
/// load" of the Erlang VM): a reactor whose thread has little to do is lent to
/// the thread of another, the lead.
///
/// Shares of time are of one thread that is awake: 0 … 1.
struct compaction_rules {
  bool is_on = false;
  /// A reactor is lent when its own and the lead's share together stay below.
  double lend_below = 0.6;
  /// The lead gives one back when its share is above.
  double return_above = 0.75;
  /// Over which a share is taken.
  std::chrono::nanoseconds window = std::chrono::milliseconds{10};
  /// How long it was quiet before a reactor is lent.
  std::chrono::nanoseconds quiet = std::chrono::milliseconds{50};
  /// The lead gives one back when it has not slept for so long.
  std::chrono::nanoseconds streak = std::chrono::milliseconds{3};
};

/// How much of its time a thread is awake. Owned by the thread.
class load_meter {
public:
  load_meter(const compaction_rules& rules, time_point now) noexcept
    : rules_(rules), began_(now), awake_since_(now) {}

  /// The thread waited for `from` … `to`.
  void slept(time_point from, time_point to) noexcept;

  /// The share of the window that ends now; nullopt: it is not over yet. The
  /// next one begins.
  [[nodiscard]] std::optional<double> share(time_point now) noexcept;

  [[nodiscard]] bool is_streak(time_point now) const noexcept {
    return now - awake_since_ > rules_.streak;
  }

private:
  compaction_rules rules_;
  time_point began_;
  time_point awake_since_;
  std::chrono::nanoseconds slept_{0};
};

/// Says when the own reactor is to be lent: it has been quiet for long enough.
class lending_rule {
public:
  explicit lending_rule(const compaction_rules& rules) noexcept
    : rules_(rules) {}

  /// At the end of each window.
  [[nodiscard]] bool is_due(time_point now, double own, double lead) noexcept;

  /// The reactor was given back, so it was loud.
  void returned(time_point now) noexcept { last_loud_ = now; }

private:
  compaction_rules rules_;
  std::optional<time_point> last_loud_;
};

} // namespace hetzel::runtime
