#pragma once

#include "actors/messaging/index/subscription_table.hpp"
#include "actors/messaging/interfaces.hpp"
#include "actors/runtime/reactor.hpp"

namespace hetzel::messaging {

class exchange;

/// Writes one shard of the subscription table, which all reactors read.
/// Messages:    subscription changes (answered when they are applied).
/// Owns:        the right to write that shard.
/// Supervision: permanent child of the messaging supervisor.
/// On failure:  readers keep the old index; the next actor rebuilds it from the
///              queues' records, swaps it in, and only then answers.
///
/// `is_restart`: a forerunner may have left the shard's index half changed.
subscription_shard spawn_subscription_shard(runtime::reactor& home,
                                            exchange& node, shard_index shard,
                                            bool is_restart);

} // namespace hetzel::messaging
