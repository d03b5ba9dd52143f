#pragma once

#include "actors/messaging/metrics.hpp"
#include "actors/messaging/queue_table.hpp"
#include "actors/messaging/router.hpp"
#include "actors/net/counter.hpp"
#include "actors/runtime/reactor.hpp"

#include <memory>

namespace hetzel::messaging {

class exchange;
struct live_config;

/// What the messaging actors of one reactor share. All but the counters belong
/// to that reactor's thread. Owned by the exchange, so it outlives the actors:
/// a restarted one finds what its forerunner left.
struct site {
  site(exchange& shared, runtime::reactor& on,
       std::shared_ptr<const live_config> initial);

  exchange& node;
  runtime::reactor& home;
  /// Replaced as a whole by `exchange::set_config`.
  std::shared_ptr<const live_config> config;
  queue_table queues;
  messaging::metrics metrics;
  net::traffic_counters traffic;
  messaging::router router;
};

} // namespace hetzel::messaging
