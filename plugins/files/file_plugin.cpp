#include "plugins/files/file_plugin.hpp"

#include "actors/runtime/log.hpp"
#include "plugins/files/watched_files.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <set>
#include <utility>

namespace hetzel::plugins {

namespace {

/// How long the host may take to put what was published into the chains.
constexpr std::chrono::seconds settle_delay{1};

using file_plugin_pointer = runtime::introspected<file_plugin::impl>*;

class file_plugin_state {
public:
  static inline const char* name = "plugins.file";

  file_plugin_state(file_plugin_pointer self, plugin_port_ptr port,
                    std::shared_ptr<file_backed> content,
                    file_plugin_options options)
    : self_(self),
      port_(std::move(port)),
      content_(std::move(content)),
      options_(std::move(options)),
      watched_(content_->files()) {}

  file_plugin::behavior_type make_behavior() {
    load_if_changed();
    wait();
    return {
      runtime::describing(self_, [this] { return snapshot(); }),
      [](runtime::started_atom) {},
      [this](reload_atom) { return on_reload(); },
      [this](tick_atom) {
        load_if_changed();
        wait();
      },
      [this](settle_atom) { content_->settle(*port_); },
    };
  }

private:
  runtime::state_entries snapshot() const {
    auto entries = content_->snapshot();
    entries.push_back({"plugin", options_.name});
    entries.push_back({"fault", fault_});
    return entries;
  }

  caf::result<void> on_reload() {
    static_cast<void>(watched_.have_changed());
    load();
    if (!fault_.empty())
      return caf::make_error(caf::sec::runtime_error, fault_);
    return caf::unit;
  }

  void wait() {
    if (options_.reload_interval > std::chrono::seconds::zero())
      self_->delayed_send(self_, options_.reload_interval, tick_atom_v);
  }

  void load_if_changed() {
    if (watched_.have_changed())
      load();
  }

  void load() {
    const auto loaded = content_->load(*port_);
    options_.counters->add(loaded ? guard_fact::file_loaded
                                  : guard_fact::file_failed);
    for (const auto& one : content_->companions())
      if (companions_.insert(one).second)
        self_->link_to(one->address());
    fault_ = loaded ? std::string{} : loaded.error();
    if (loaded && std::exchange(was_loaded_, true))
      self_->delayed_send(self_, settle_delay, settle_atom_v);
    if (loaded)
      log::info("plugin.loaded", {{"plugin", options_.name}});
    else
      log::warning("plugin.file_refused",
                   {{"plugin", options_.name}, {"error", fault_}});
  }

  file_plugin_pointer self_;
  plugin_port_ptr port_;
  std::shared_ptr<file_backed> content_;
  file_plugin_options options_;
  watched_files watched_;
  std::string fault_;
  bool was_loaded_ = false;
  std::set<caf::strong_actor_ptr> companions_;
};

} // namespace

void reload_bell::hang(const file_plugin& plugin) {
  const std::lock_guard lock{mutex_};
  std::erase_if(plugins_, [](const auto& one) { return !one.lock(); });
  plugins_.push_back(caf::actor_cast<caf::weak_actor_ptr>(plugin));
}

void reload_bell::ring() {
  const std::lock_guard lock{mutex_};
  for (const auto& weak : plugins_)
    if (const auto strong = weak.lock())
      caf::anon_send(caf::actor_cast<file_plugin>(strong), reload_atom_v);
}

file_plugin spawn_file_plugin(const plugin_port_ptr& port,
                              std::unique_ptr<file_backed> content,
                              file_plugin_options options) {
  using implementation
    = caf::stateful_actor<file_plugin_state,
                          runtime::introspected<file_plugin::impl>>;
  auto* bell = options.bell;
  const file_plugin made
    = port->system().spawn<implementation, caf::detached + caf::hidden>(
      port, std::shared_ptr<file_backed>{std::move(content)},
      std::move(options));
  if (bell != nullptr)
    bell->hang(made);
  return made;
}

} // namespace hetzel::plugins
