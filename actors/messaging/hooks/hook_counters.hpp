#pragma once

#include "actors/net/counter.hpp"
#include "plugins/api/hook.hpp"

#include <array>
#include <cstddef>

namespace hetzel::messaging {

/// What one reactor counted of its hooks; written there only.
class hook_counters {
public:
  struct of_hook {
    net::counter calls;      ///< questions and notifications
    net::counter refusals;   ///< answered with error, or by nobody
    net::counter errors;     ///< of providers: thrown, dead, not valid
    net::counter timeouts;   ///< an actor did not answer in time
    net::counter elapsed_us; ///< waiting for actors, in all
    net::counter dropped;    ///< notices to an actor that is behind
    net::counter cached;     ///< questions that an earlier answer answered
  };

  [[nodiscard]] of_hook& of(plugins::hook which) noexcept {
    return all_[static_cast<std::size_t>(which)];
  }
  [[nodiscard]] const of_hook& of(plugins::hook which) const noexcept {
    return all_[static_cast<std::size_t>(which)];
  }

private:
  std::array<of_hook, plugins::hooks_count> all_;
};

} // namespace hetzel::messaging
