#include "plugins/guards/guard_counters.hpp"

namespace hetzel::plugins {

namespace {

/// In the order of the enumerators.
constexpr std::array<std::string_view, guard_facts_count> names{
  "guard_file_loaded",    "guard_file_failed",
  "passwd_wrong",         "passwd_hashed",
  "passwd_cached",        "passwd_queue_full",
  "passwd_late",          "acl_denied",
  "jwt_refused",          "scram_refused",
  "ban_refused",          "ban_flapping",
  "acl_subscription_revoked",
};

} // namespace

std::string_view name_of(guard_fact which) noexcept {
  return names[static_cast<std::size_t>(which)];
}

} // namespace hetzel::plugins
