#include "actors/runtime/register_types.hpp"

#include "actors/runtime/actor_description.hpp"
#include "actors/runtime/child.hpp"
#include "actors/runtime/supervision_errc.hpp"
#include "actors/runtime/type_ids.hpp"

#include <caf/init_global_meta_objects.hpp>

namespace hetzel::runtime {

void register_types() {
  caf::init_global_meta_objects<caf::id_block::hetzel_runtime>();
  caf::core::init_global_meta_objects();
}

} // namespace hetzel::runtime
