#pragma once

#include "plugins/acl/revocation.hpp"
#include "plugins/api/plugin.hpp"
#include "plugins/bans/ban_book.hpp"
#include "plugins/files/file_plugin.hpp"
#include "plugins/guards/config.hpp"
#include "plugins/guards/guard_counters.hpp"
#include "protocol/expected.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace hetzel::plugins {

/// The built-in guards of a node, and what outlives their actors. Names are
/// VerneMQ's where it has the plugin: vmq_passwd, vmq_acl; then jwt, scram and
/// bans.
class guards {
public:
  /// `data_dir` keeps bans and what SCRAM needs to be the same after a restart.
  guards(std::filesystem::path data_dir, const bans_config& bans);

  /// Reads or makes what is in `data_dir`, which exists. Once, before the
  /// plugins start. The error is a sentence for the operator.
  [[nodiscard]] mqtt::expected<void, std::string> open();

  /// All of them, on or off. The guards must outlive the plugins.
  [[nodiscard]] std::vector<plugin_spec> specs(const guards_config& config);

  /// All files are read again, soon. From any thread.
  void reload() { bell_.ring(); }

  [[nodiscard]] const guard_counters& counters() const noexcept {
    return counters_;
  }

  /// From any thread.
  [[nodiscard]] ban_book& bans() noexcept { return bans_; }

private:
  [[nodiscard]] plugin_spec passwd_spec(const guards_config& config);
  [[nodiscard]] plugin_spec acl_spec(const guards_config& config);
  [[nodiscard]] plugin_spec jwt_spec(const guards_config& config);
  [[nodiscard]] plugin_spec scram_spec(const guards_config& config);
  [[nodiscard]] plugin_spec bans_spec(const guards_config& config);
  [[nodiscard]] file_plugin_options
  options(std::string name, std::chrono::seconds interval);

  std::filesystem::path data_dir_;
  guard_counters counters_;
  reload_bell bell_;
  ban_book bans_;
  std::string stand_in_secret_;
  known_clients acl_clients_;
};

} // namespace hetzel::plugins
