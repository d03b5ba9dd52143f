#pragma once

#include <chrono>

namespace hetzel::cluster {

/// A moment on a clock that never jumps. The cores have none of their own:
/// whoever calls them says what time it is, and never an earlier one.
using steady_time = std::chrono::steady_clock::time_point;

} // namespace hetzel::cluster
