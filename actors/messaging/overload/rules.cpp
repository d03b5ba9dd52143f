#include "actors/messaging/overload/rules.hpp"

#include <array>

namespace hetzel::messaging {

namespace {

/// The part of a limit that begins elevated, high, critical.
using thresholds = std::array<double, overload_levels - 1>;

constexpr thresholds of_memory{0.8, 0.9, 0.97};
constexpr thresholds of_delays{1, 2, 4};

/// A level goes on while a measurement is above this part of its threshold.
constexpr double margin = 0.9;

struct finding {
  overload_level level = overload_level::none;
  std::string_view cause = "none";
};

template <class Value>
double part_of(const Value& value, const Value& limit) {
  if constexpr (requires { value.count(); })
    return static_cast<double>(value.count())
           / static_cast<double>(limit.count());
  else
    return static_cast<double>(value) / static_cast<double>(limit);
}

class judge {
public:
  explicit judge(double factor) noexcept : factor_(factor) {}

  template <class Value>
  void see(std::string_view name, const Value& value,
           const std::optional<Value>& limit, const thresholds& levels) {
    if (!limit || *limit == Value{})
      return;
    const auto part = part_of(value, *limit);
    std::size_t level = 0;
    while (level < levels.size() && part >= levels[level] * factor_)
      ++level;
    if (level > static_cast<std::size_t>(worst_.level))
      worst_ = {static_cast<overload_level>(level), name};
  }

  [[nodiscard]] const finding& worst() const noexcept { return worst_; }

private:
  double factor_;
  finding worst_;
};

finding judged(const overload_reading& seen, const overload_config& config,
               double factor) {
  judge all{factor};
  all.see("memory", seen.memory_bytes, config.memory_max, of_memory);
  all.see("lag", seen.lag, config.lag_max, of_delays);
  all.see("store", seen.store_lag, config.store_lag_max, of_delays);
  all.see("mailbox", seen.mailbox, config.mailbox_max, of_delays);
  return all.worst();
}

} // namespace

overload_level overload_rules::update(const overload_reading& seen,
                                      const overload_config& config,
                                      mqtt::time_point now) {
  const auto reached = judged(seen, config, 1);
  const auto kept = judged(seen, config, margin);
  if (reached.level > level_) {
    level_ = reached.level;
    cause_ = reached.cause;
    below_since_.reset();
  } else if (kept.level >= level_) {
    below_since_.reset();
  } else if (!below_since_) {
    below_since_ = now;
  }
  if (below_since_ && now - *below_since_ >= config.hold) {
    level_ = kept.level;
    cause_ = kept.cause;
    below_since_.reset();
  }
  return level_;
}

std::string_view to_string(overload_level level) noexcept {
  constexpr std::array<std::string_view, overload_levels> names{
    "none", "elevated", "high", "critical"};
  return names[static_cast<std::size_t>(level)];
}

} // namespace hetzel::messaging
