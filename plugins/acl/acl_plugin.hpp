#pragma once

#include "plugins/acl/acl_index.hpp"
#include "plugins/api/evaluator.hpp"
#include "plugins/files/file_plugin.hpp"
#include "plugins/guards/config.hpp"

#include <memory>

namespace hetzel::plugins {

inline constexpr hook_set acl_hooks{hook::auth_on_publish,
                                    hook::auth_on_subscribe};

/// The rules as a provider that is called in place.
[[nodiscard]] evaluator_ptr make_acl_evaluator(acl_index rules,
                                               guard_counters& counters);

/// The ACL file. When there is none at the first load nothing is allowed and
/// nothing denied; when it goes later its rules stay.
[[nodiscard]] std::unique_ptr<file_backed>
make_acl_file(acl_config config, guard_counters& counters);

} // namespace hetzel::plugins
