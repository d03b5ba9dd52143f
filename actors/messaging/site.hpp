#pragma once

#include "actors/messaging/batch_inbox.hpp"
#include "actors/messaging/delivery_batch.hpp"
#include "actors/messaging/hooks/reactor_hooks.hpp"
#include "actors/messaging/metrics.hpp"
#include "actors/messaging/orphans.hpp"
#include "actors/messaging/queue_table.hpp"
#include "actors/messaging/router.hpp"
#include "actors/messaging/storage/expired_messages.hpp"
#include "actors/messaging/storage/journal.hpp"
#include "actors/messaging/storage/share_names.hpp"
#include "actors/net/counter.hpp"
#include "actors/runtime/reactor.hpp"

#include <memory>

namespace hetzel::messaging {

class exchange;
struct live_config;

/// What the messaging actors of one reactor share. All but the counters, the
/// inbox and the orphans belong to that reactor's thread. Owned by the
/// exchange, so it outlives the actors: a restarted one finds what its
/// forerunner left.
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
  /// Of share groups, on disk.
  messaging::share_names share_names;
  /// Who is asked and told about clients and messages.
  reactor_hooks hooks;
  /// Of `node.messages`; null without.
  std::unique_ptr<journal> storage;
  /// What was stored for those who wait here; the courier's.
  batch_inbox<settlement> settlements;
  /// What expired on disk, of the queues of this reactor; the courier's.
  batch_inbox<expired_messages> expired;
  /// What other reactors publish for the queues of this one; the courier's.
  batch_inbox<delivery_batch_ptr> inbox;
  /// Queues and sessions between two registrars.
  messaging::orphans orphans;
};

} // namespace hetzel::messaging
