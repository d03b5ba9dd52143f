#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_id.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace hetzel::runtime {
struct actor_description;
struct child_listing;
struct child_spec;
enum class supervision_errc : std::uint8_t;
using child_spec_ptr = std::shared_ptr<const child_spec>;
} // namespace hetzel::runtime

// Fixed base, append only: the numbers are wire format between nodes.
CAF_BEGIN_TYPE_ID_BLOCK(hetzel_runtime, 500)

  CAF_ADD_TYPE_ID(hetzel_runtime, (hetzel::runtime::actor_description))
  CAF_ADD_TYPE_ID(hetzel_runtime, (hetzel::runtime::child_listing))
  CAF_ADD_TYPE_ID(hetzel_runtime, (hetzel::runtime::child_spec_ptr))
  CAF_ADD_TYPE_ID(hetzel_runtime,
                  (std::vector<hetzel::runtime::child_listing>) )

  CAF_ADD_ATOM(hetzel_runtime, hetzel::runtime, describe_atom)
  CAF_ADD_ATOM(hetzel_runtime, hetzel::runtime, children_atom)
  CAF_ADD_ATOM(hetzel_runtime, hetzel::runtime, started_atom)
  CAF_ADD_ATOM(hetzel_runtime, hetzel::runtime, start_child_atom)
  CAF_ADD_ATOM(hetzel_runtime, hetzel::runtime, restart_child_atom)
  CAF_ADD_ATOM(hetzel_runtime, hetzel::runtime, terminate_child_atom)
  CAF_ADD_ATOM(hetzel_runtime, hetzel::runtime, delete_child_atom)
  CAF_ADD_ATOM(hetzel_runtime, hetzel::runtime, lookup_child_atom)

  CAF_ADD_TYPE_ID(hetzel_runtime, (hetzel::runtime::supervision_errc))

CAF_END_TYPE_ID_BLOCK(hetzel_runtime)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::runtime::child_spec_ptr)
