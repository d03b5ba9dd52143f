#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_id.hpp>

#include <memory>

namespace hetzel::node {
struct checkpoint_order;
using checkpoint_order_ptr = std::shared_ptr<const checkpoint_order>;
} // namespace hetzel::node

// Fixed base, append only: the numbers are wire format between nodes.
CAF_BEGIN_TYPE_ID_BLOCK(hetzel_node, 640)

  CAF_ADD_TYPE_ID(hetzel_node, (hetzel::node::checkpoint_order_ptr))
  CAF_ADD_ATOM(hetzel_node, hetzel::node, step_atom)

CAF_END_TYPE_ID_BLOCK(hetzel_node)

// It does not leave the process.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::node::checkpoint_order_ptr)
