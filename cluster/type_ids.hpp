#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_id.hpp>

#include <memory>

namespace hetzel::cluster {

struct metadata_write;
using metadata_write_ptr = std::shared_ptr<const metadata_write>;

} // namespace hetzel::cluster

// Fixed base, append only: the numbers are wire format between nodes.
CAF_BEGIN_TYPE_ID_BLOCK(hetzel_cluster, 400)

  CAF_ADD_TYPE_ID(hetzel_cluster, (hetzel::cluster::metadata_write_ptr))

  CAF_ADD_ATOM(hetzel_cluster, hetzel::cluster, commit_atom)
  CAF_ADD_ATOM(hetzel_cluster, hetzel::cluster, sync_atom)

CAF_END_TYPE_ID_BLOCK(hetzel_cluster)

// Does not leave the process.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::cluster::metadata_write_ptr)
