#include "actors/runtime/child_types.hpp"

namespace hetzel::runtime {

const char* to_string(restart_policy policy) noexcept {
  switch (policy) {
    case restart_policy::permanent: return "permanent";
    case restart_policy::transient: return "transient";
    case restart_policy::temporary: return "temporary";
  }
  return "unknown";
}

const char* to_string(child_type type) noexcept {
  switch (type) {
    case child_type::worker: return "worker";
    case child_type::supervisor: return "supervisor";
  }
  return "unknown";
}

const char* to_string(child_state state) noexcept {
  switch (state) {
    case child_state::stopped: return "stopped";
    case child_state::starting: return "starting";
    case child_state::running: return "running";
    case child_state::stopping: return "stopping";
  }
  return "unknown";
}

} // namespace hetzel::runtime
