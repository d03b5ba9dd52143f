#include "plugins/type_ids.hpp"

#include "plugins/api/hook_actor.hpp"
#include "plugins/host/plugin_host.hpp"

#include <caf/init_global_meta_objects.hpp>

namespace hetzel::plugins {

void register_types() {
  caf::init_global_meta_objects<caf::id_block::hetzel_plugins>();
}

} // namespace hetzel::plugins
