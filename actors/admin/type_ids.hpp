#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_id.hpp>

#include <memory>

namespace hetzel::admin {
struct answer_part;
using answer_part_ptr = std::shared_ptr<const answer_part>;
} // namespace hetzel::admin

// Fixed base, append only: the numbers are wire format between nodes.
CAF_BEGIN_TYPE_ID_BLOCK(hetzel_admin, 620)

  CAF_ADD_TYPE_ID(hetzel_admin, (hetzel::admin::answer_part_ptr))

CAF_END_TYPE_ID_BLOCK(hetzel_admin)

// It does not leave the process.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::admin::answer_part_ptr)
