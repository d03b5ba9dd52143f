#pragma once

#include "actors/runtime/actor_description.hpp"
#include "actors/runtime/introspection.hpp"
#include "plugins/api/plugin.hpp"
#include "plugins/guards/guard_counters.hpp"
#include "plugins/type_ids.hpp"
#include "protocol/expected.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hetzel::plugins {

/// What a plugin that stands on files makes of them.
class file_backed {
public:
  virtual ~file_backed() = default;

  /// Which files to watch; the same at every call.
  [[nodiscard]] virtual std::vector<std::filesystem::path> files() const = 0;

  /// Reads all of them and publishes what they say. May block. The error is
  /// `file:line: what`, or another sentence that names the file; then nothing
  /// was published and what was before stays in force.
  [[nodiscard]] virtual mqtt::expected<void, std::string>
  load(plugin_port& port) = 0;

  /// A moment after a load that was not the first one, when what it published
  /// is in force.
  virtual void settle(plugin_port&) {}

  /// Actors that the last load needs; when one of them ends the plugin does.
  [[nodiscard]] virtual std::vector<caf::strong_actor_ptr>
  companions() const {
    return {};
  }

  /// For `describe`.
  [[nodiscard]] virtual runtime::state_entries snapshot() const = 0;
};

/// Reads the files of a plugin when they change. Detached, since it blocks.
/// Messages:    started (answers when the files were read once), reload (now,
///              changed or not; the error says what is wrong), tick and settle
///              (to itself).
/// Owns:        its `file_backed`.
/// Supervision: of its plugin, below the plugin host.
/// On failure:  what it published stays until the next one has published.
using file_plugin = runtime::introspectable::extend<
  caf::result<void>(runtime::started_atom), caf::result<void>(reload_atom),
  caf::result<void>(tick_atom), caf::result<void>(settle_atom)>;

/// Tells all file plugins of a node to read their files now. From any thread.
class reload_bell {
public:
  void hang(const file_plugin& plugin);
  void ring();

private:
  std::mutex mutex_;
  std::vector<caf::weak_actor_ptr> plugins_;
};

struct file_plugin_options {
  /// Of the plugin, for the log.
  std::string name;
  /// Between two looks at the files; 0: only when it is told.
  std::chrono::seconds reload_interval{10};
  /// Both outlive the actor.
  guard_counters* counters = nullptr;
  reload_bell* bell = nullptr;
};

/// A first load that fails leaves the plugin without anything published: until
/// the files are mended the host refuses all that it would decide.
file_plugin spawn_file_plugin(const plugin_port_ptr& port,
                              std::unique_ptr<file_backed> content,
                              file_plugin_options options);

} // namespace hetzel::plugins
