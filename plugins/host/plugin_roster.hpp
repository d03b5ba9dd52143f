#pragma once

#include "plugins/api/hook_table.hpp"
#include "plugins/api/plugin.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hetzel::plugins {

/// What outlives a host that is restarted.
struct host_memory {
  /// Of the table that was made last.
  std::uint64_t version = 0;
  /// Decisions that some plugin was ever wanted for.
  hook_set guarded;
};

/// Where a plugin stands.
enum class plugin_state : unsigned char {
  off,      ///< not wanted
  starting, ///< its actor is not ready yet
  on,
  stopping, ///< until its actor has ended
  failed,   ///< it could not start, or its restarts did not help
};

[[nodiscard]] std::string_view to_string(plugin_state state) noexcept;

/// The rules of the host, without actors: which plugins are to run, and what
/// the chains are meanwhile. A plugin that is wanted and has published nothing
/// is stood in for by a refusal of all it would decide: no client slips through
/// while it starts, or because it failed.
class plugin_roster {
public:
  struct entry {
    plugin_spec spec;
    plugin_state state = plugin_state::off;
    /// At run time, or by the configuration.
    bool is_wanted = false;
    bool is_told_to_stop = false;
    /// What it published; null: nothing yet.
    provider_ptr published;
    /// Of the actor that published; earlier ones are not listened to.
    std::uint64_t life = 0;
    std::string failure;
  };

  /// What the host must do next.
  struct order {
    std::string name;
    bool is_start = false;
  };

  explicit plugin_roster(host_memory& memory) noexcept : memory_(memory) {}

  // -- what is wanted ---------------------------------------------------------

  /// All plugins there are. Those whose settings or start changed while they
  /// run are started anew; what was switched at run time is forgotten.
  void configure(std::vector<plugin_spec> specs);

  /// False: there is no such plugin. A failed one is tried again.
  [[nodiscard]] bool enable(std::string_view name);
  [[nodiscard]] bool disable(std::string_view name);

  /// The next thing to do, once each; nullopt: nothing.
  [[nodiscard]] std::optional<order> next();

  // -- what became of it ------------------------------------------------------

  void on_started(std::string_view name);
  /// It never became ready, or its supervisor gave up.
  void on_failed(std::string_view name, std::string failure);
  /// After an order to stop.
  void on_stopped(std::string_view name);
  /// False: of a former life, or of a plugin that is not to run.
  [[nodiscard]] bool on_published(std::string_view name, std::uint64_t life,
                                  evaluator_ptr in_place);
  [[nodiscard]] bool on_published(std::string_view name, std::uint64_t life,
                                  const actor_offer& offer);

  // -- what follows -----------------------------------------------------------

  [[nodiscard]] hook_table_ptr make_table();

  /// No plugin is just starting.
  [[nodiscard]] bool is_settled() const noexcept;

  [[nodiscard]] const std::vector<entry>& entries() const noexcept {
    return entries_;
  }
  [[nodiscard]] const entry* find(std::string_view name) const noexcept;

private:
  [[nodiscard]] entry* entry_of(std::string_view name) noexcept;
  [[nodiscard]] entry* listening(std::string_view name,
                                 std::uint64_t life) noexcept;
  void want(entry& one);

  host_memory& memory_;
  std::vector<entry> entries_;
};

} // namespace hetzel::plugins
