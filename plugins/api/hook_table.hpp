#pragma once

#include "plugins/api/hook.hpp"
#include "plugins/api/provider.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace hetzel::plugins {

/// All chains of a node, as an immutable snapshot: changes make another one,
/// and every reactor takes it between two packets. Who reads it keeps it.
class hook_table {
public:
  /// No plugin at all.
  hook_table() = default;

  /// `providers` in any order: those with a priority go first, ascending, the
  /// others by name. `guarded` are hooks that count as provided whether they
  /// are or not, so that nobody is let through by a chain that has just become
  /// empty. `version` is larger than that of the table before.
  hook_table(std::uint64_t version, std::vector<provider_ptr> providers,
             hook_set guarded);

  hook_table(const hook_table&) = delete;
  hook_table& operator=(const hook_table&) = delete;

  /// Whether anybody must be asked or told.
  [[nodiscard]] bool has(hook which, hook_form form) const noexcept {
    return present_.contains(which, form);
  }

  [[nodiscard]] const chain& chain_of(hook which,
                                      hook_form form) const noexcept {
    return chains_[index(which, form)];
  }

  /// Of these plugins only, and in this order: `auth_plugins` and
  /// `authz_plugins` of a listener.
  [[nodiscard]] chain select(hook which, hook_form form,
                             std::span<const std::string> names) const;

  [[nodiscard]] std::uint64_t version() const noexcept { return version_; }

  /// In the order of asking.
  [[nodiscard]] std::span<const provider_ptr> providers() const noexcept {
    return providers_;
  }

  /// "acl, passwd"; for people.
  [[nodiscard]] std::string describe(hook which, hook_form form) const;

private:
  [[nodiscard]] static std::size_t index(hook which, hook_form form) noexcept {
    return static_cast<std::size_t>(which) * 2
           + static_cast<std::size_t>(form);
  }

  std::uint64_t version_ = 0;
  hook_set present_;
  std::vector<provider_ptr> providers_;
  std::array<chain, hooks_count * 2> chains_;
};

using hook_table_ptr = std::shared_ptr<const hook_table>;

} // namespace hetzel::plugins
