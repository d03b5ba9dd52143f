#pragma once

#include <cstddef>

namespace hetzel::messaging {

struct site;

/// Ends, with 0x89, the sessions of a reactor that have the most waiting for
/// them: one in a hundred of those that have anything, and one at least. Their
/// Sessions stay as long as they may. Returns how many. On that reactor.
std::size_t disconnect_slowest(site& local);

} // namespace hetzel::messaging
