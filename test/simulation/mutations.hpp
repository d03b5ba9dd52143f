#pragma once

#include "test/simulation/schedule.hpp"

#include <string_view>

namespace hetzel::test {

/// Switches off the rule that a mutation is named after; false for a name that
/// there is not.
///
///   ownonly    merge only the responder's own column
///   nosnap     records read live, the clock from the start
///   noactor    keep the actor after a power loss
///   nopf       serve dots without a look at the floor
///   nopfadopt  leave the responder's floor after a range pull
///   noD        the dots of the versions for those of the item
///   graftsub   a graft lists but some of a key's missing dots
///   graftpf    a graft ignores the floor
///   nodrop     take write frames during a range pull
///   nosurplus  no levelling after a retirement
///   nodigest   digests, prunes and grafts of broadcast cores are lost
[[nodiscard]] bool mutate(std::string_view name, schedule_options& options);

} // namespace hetzel::test
