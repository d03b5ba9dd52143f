#pragma once

#include "persistence/messages/record_value.hpp"

#include <cstdint>

namespace hetzel::messaging {

/// The body of a message that several queues store: it stands once in the node,
/// and was put for `left` entries of the reactor that has this.
struct shared_body {
  persistence::body_reference reference;
  std::uint32_t left = 0;
};

} // namespace hetzel::messaging
