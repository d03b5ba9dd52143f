#pragma once

#include "actors/messaging/interfaces.hpp"
#include "actors/runtime/reactor.hpp"

#include <cstddef>

namespace hetzel::messaging {

struct site;

/// Keeps the retained messages of one shard and finds those of a filter.
/// Messages:    message (answers with the publisher's reason code), batch of
///              messages (one-way), request (answers with a chunk), cancel.
/// Owns:        the retained index of its number, and the walks under way.
/// Supervision: permanent child of the messaging supervisor.
/// On failure:  the index stays with the exchange; walks are lost, their
///              subscribers get no more of that shard.
retained_shard spawn_retained_shard(runtime::reactor& home, site& local,
                                    std::size_t shard);

} // namespace hetzel::messaging
