#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_id.hpp>

#include <functional>
#include <memory>

namespace hetzel::net {
struct accepted_socket;
using accepted_socket_ptr = std::shared_ptr<accepted_socket>;
/// Something to be done for listeners that blocks.
using listener_work_ptr = std::shared_ptr<const std::function<void()>>;
} // namespace hetzel::net

// Fixed base, append only: the numbers are wire format between nodes.
CAF_BEGIN_TYPE_ID_BLOCK(hetzel_net, 540)

  CAF_ADD_TYPE_ID(hetzel_net, (hetzel::net::accepted_socket_ptr))
  CAF_ADD_ATOM(hetzel_net, hetzel::net, look_atom)
  CAF_ADD_TYPE_ID(hetzel_net, (hetzel::net::listener_work_ptr))

CAF_END_TYPE_ID_BLOCK(hetzel_net)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::net::accepted_socket_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::net::listener_work_ptr)
