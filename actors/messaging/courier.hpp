#pragma once

#include "actors/messaging/interfaces.hpp"
#include "actors/runtime/reactor.hpp"

namespace hetzel::messaging {

struct site;

/// Receives what other reactors publish for the queues of this one.
/// Messages:    delivery batch, credit (both one-way).
/// Owns:        nothing; the queues are found through the site.
/// Supervision: permanent child of the messaging supervisor.
/// On failure:  what waited in its mailbox is lost and its credit given back.
courier spawn_courier(runtime::reactor& home, site& local);

} // namespace hetzel::messaging
