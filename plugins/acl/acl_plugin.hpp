#pragma once

#include "plugins/acl/acl_index.hpp"
#include "plugins/acl/revocation.hpp"
#include "plugins/api/evaluator.hpp"
#include "plugins/files/file_plugin.hpp"
#include "plugins/guards/config.hpp"

#include <memory>

namespace hetzel::plugins {

/// With clients to remember it also hears who comes and goes.
[[nodiscard]] hook_set acl_hooks(bool remembers_clients) noexcept;

/// The rules as a provider that is called in place. `clients` may be null.
[[nodiscard]] evaluator_ptr make_acl_evaluator(acl_index rules,
                                               guard_counters& counters,
                                               known_clients* clients);

/// The ACL file. When there is none at the first load nothing is allowed and
/// nothing denied; when it goes later its rules stay. `clients` are those whose
/// subscriptions new rules take away, with `revoke_subscriptions`; it outlives
/// all files.
[[nodiscard]] std::unique_ptr<file_backed>
make_acl_file(acl_config config, guard_counters& counters,
              known_clients& clients);

} // namespace hetzel::plugins
