#include "plugins/host/plugin_host.hpp"

#include "actors/runtime/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <atomic>
#include <chrono>
#include <map>
#include <utility>

namespace hetzel::plugins {

namespace {

/// One life of a plugin's actor.
class port final : public plugin_port {
public:
  port(plugin_host host, std::string name, std::uint64_t life,
       plugins::broker& node, caf::actor_system& system)
    : host_(std::move(host)),
      name_(std::move(name)),
      life_(life),
      broker_(node),
      system_(system) {}

  void publish(evaluator_ptr in_place) override {
    send({name_, life_, std::move(in_place)});
  }

  void publish(actor_offer offer) override {
    send({name_, life_, std::move(offer)});
  }

  plugins::broker& broker() noexcept override { return broker_; }
  caf::actor_system& system() noexcept override { return system_; }

private:
  void send(plugin_offer offer) {
    caf::anon_send(host_, plugin_offer_ptr{std::make_shared<const plugin_offer>(
                            std::move(offer))});
  }

  plugin_host host_;
  std::string name_;
  std::uint64_t life_;
  plugins::broker& broker_;
  caf::actor_system& system_;
};

/// Numbers the lives of all plugins of this process, over all hosts.
std::uint64_t next_life() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1) + 1;
}

class plugin_host_state {
public:
  static inline const char* name = "plugins.host";

  using pointer = runtime::introspected<plugin_host::impl>*;

  plugin_host_state(pointer self, plugin_host_options options)
    : self_(self), options_(std::move(options)), roster_(*options_.memory) {}

  ~plugin_host_state() {
    for (const auto& [plugin, supervisor] : running_)
      caf::anon_send_exit(supervisor, caf::exit_reason::kill);
  }

  plugin_host_state(const plugin_host_state&) = delete;
  plugin_host_state& operator=(const plugin_host_state&) = delete;

  plugin_host::behavior_type make_behavior() {
    self_->set_down_handler(
      [this](const caf::down_msg& message) { on_down(message); });
    self_->set_exit_handler(
      [this](const caf::exit_msg& message) { on_exit(message.reason); });
    roster_.configure(options_.choice->specs);
    carry_on();
    return {
      runtime::describing(self_, [this] { return snapshot(); }),
      [this](runtime::children_atom) { return children(); },
      [this](runtime::started_atom) { return on_started_query(); },
      [this](const plugin_choice_ptr& choice) { on_choice(choice); },
      [this](const plugin_offer_ptr& offer) { on_offer(*offer); },
      [this](enable_atom, const std::string& plugin) {
        return on_switched(roster_.enable(plugin));
      },
      [this](disable_atom, const std::string& plugin) {
        return on_switched(roster_.disable(plugin));
      },
    };
  }

private:
  // -- messages ---------------------------------------------------------------

  caf::result<void> on_started_query() {
    auto promise = self_->make_response_promise<void>();
    waiting_.push_back(promise);
    answer_waiting();
    return promise;
  }

  void on_choice(const plugin_choice_ptr& choice) {
    options_.choice = choice;
    roster_.configure(choice->specs);
    carry_on();
  }

  void on_offer(const plugin_offer& offer) {
    const auto is_taken = std::visit(
      [&](const auto& what) {
        return roster_.on_published(offer.name, offer.life, what);
      },
      offer.what);
    if (is_taken)
      publish();
  }

  caf::result<void> on_switched(bool is_known) {
    if (!is_known)
      return caf::make_error(caf::sec::invalid_argument, "no such plugin");
    carry_on();
    return caf::unit;
  }

  void on_down(const caf::down_msg& message) {
    for (auto i = running_.begin(); i != running_.end(); ++i)
      if (message.source == i->second) {
        const auto plugin = i->first;
        running_.erase(i);
        return on_ended(plugin, message.reason);
      }
  }

  void on_exit(const caf::error& reason) {
    if (!reason)
      return;
    exit_reason_ = reason;
    for (const auto& [plugin, supervisor] : running_)
      caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
    if (running_.empty())
      self_->quit(exit_reason_);
  }

  // -- plugins ----------------------------------------------------------------

  /// Does all that is to be done, then tells what follows from it.
  void carry_on() {
    while (const auto order = roster_.next()) {
      if (order->is_start)
        start(order->name);
      else
        stop(order->name);
    }
    publish();
    answer_waiting();
  }

  void start(const std::string& plugin) {
    const auto& spec = roster_.find(plugin)->spec;
    runtime::supervisor_spec supervision;
    supervision.name = plugin;
    supervision.children.push_back(child_of(spec));
    const runtime::spawning_scope scope{self_->id()};
    const auto supervisor
      = runtime::spawn_supervisor(self_->system(), std::move(supervision));
    const auto handle = caf::actor_cast<caf::strong_actor_ptr>(supervisor);
    running_.insert_or_assign(plugin, handle);
    self_->monitor(supervisor);
    self_->request(supervisor, spec.start_deadline + std::chrono::seconds{1},
                   runtime::started_atom_v)
      .then([this, plugin, handle] { on_started(plugin, handle); },
            [this, plugin, handle](const caf::error& why) {
              on_not_started(plugin, handle, why);
            });
  }

  runtime::child_spec child_of(const plugin_spec& spec) {
    runtime::child_spec child;
    child.name = spec.name;
    child.confirms_start = spec.confirms_start;
    child.start_deadline = spec.start_deadline;
    child.start = [host = caf::actor_cast<caf::weak_actor_ptr>(self_->ctrl()),
                   plugin = spec.name, begin = spec.start,
                   node = options_.broker, system = &self_->system()] {
      const auto owner = caf::actor_cast<caf::strong_actor_ptr>(host);
      if (!owner)
        return caf::strong_actor_ptr{};
      return begin(std::make_shared<port>(
        caf::actor_cast<plugin_host>(owner), plugin, next_life(), *node,
        *system));
    };
    return child;
  }

  void stop(const std::string& plugin) {
    if (const auto found = running_.find(plugin); found != running_.end())
      caf::anon_send_exit(found->second, caf::exit_reason::user_shutdown);
    else
      roster_.on_stopped(plugin);
  }

  [[nodiscard]] bool is_current(const std::string& plugin,
                                const caf::strong_actor_ptr& handle) const {
    const auto found = running_.find(plugin);
    return found != running_.end() && found->second == handle;
  }

  void on_started(const std::string& plugin,
                  const caf::strong_actor_ptr& handle) {
    if (!is_current(plugin, handle))
      return;
    log::info("plugin.started", {{"plugin", plugin}});
    roster_.on_started(plugin);
    answer_waiting();
  }

  /// A start that failed ends the supervisor, and its end says why.
  void on_not_started(const std::string& plugin,
                      const caf::strong_actor_ptr& handle,
                      const caf::error& why) {
    if (why != caf::sec::request_timeout || !is_current(plugin, handle))
      return;
    caf::anon_send_exit(handle, caf::exit_reason::kill);
    on_failed(plugin, "not ready in time");
    carry_on();
  }

  void on_failed(const std::string& plugin, const std::string& why) {
    log::error("plugin.failed", {{"plugin", plugin}, {"error", why}});
    roster_.on_failed(plugin, why);
  }

  void on_ended(const std::string& plugin, const caf::error& reason) {
    if (exit_reason_) {
      if (running_.empty())
        self_->quit(exit_reason_);
      return;
    }
    const auto before = roster_.find(plugin);
    if (before && before->state != plugin_state::stopping
        && before->state != plugin_state::failed) {
      on_failed(plugin, runtime::failure_text(reason));
    } else {
      log::info("plugin.stopped", {{"plugin", plugin}});
      roster_.on_stopped(plugin);
    }
    carry_on();
  }

  // -- what follows -----------------------------------------------------------

  void publish() {
    table_ = roster_.make_table();
    log::debug("plugins.table", {{"version", table_->version()}});
    if (options_.publish)
      options_.publish(table_);
  }

  void answer_waiting() {
    if (!roster_.is_settled())
      return;
    for (auto& promise : std::exchange(waiting_, {}))
      promise.deliver();
  }

  runtime::state_entries snapshot() const {
    runtime::state_entries entries;
    for (const auto& one : roster_.entries()) {
      auto text = std::string{to_string(one.state)};
      if (!one.failure.empty())
        text += ": " + one.failure;
      entries.push_back({"plugin." + one.spec.name, std::move(text)});
    }
    entries.push_back({"version", std::to_string(table_->version())});
    for (std::size_t i = 0; i < hooks_count; ++i)
      for (const auto form : {hook_form::v3, hook_form::v5})
        add_chain(static_cast<hook>(i), form, entries);
    return entries;
  }

  /// Only those that somebody takes part in; one name, one line.
  void add_chain(hook which, hook_form form,
                 runtime::state_entries& to) const {
    const auto name_of_hook = name_of(which, form);
    if (!table_->has(which, form) || name_of_hook.empty()
        || (form == hook_form::v5
            && name_of_hook == name_of(which, hook_form::v3)))
      return;
    to.push_back({"hook." + std::string{name_of_hook},
                  table_->describe(which, form)});
  }

  std::vector<runtime::child_listing> children() const {
    std::vector<runtime::child_listing> all;
    for (const auto& [plugin, supervisor] : running_) {
      runtime::child_listing one;
      one.name = plugin;
      one.kind = "runtime.supervisor";
      one.type = runtime::child_type::supervisor;
      one.state = runtime::child_state::running;
      one.actor = supervisor;
      all.push_back(std::move(one));
    }
    return all;
  }

  pointer self_;
  plugin_host_options options_;
  plugin_roster roster_;
  hook_table_ptr table_ = std::make_shared<const hook_table>();
  /// The plugins' supervisors.
  std::map<std::string, caf::strong_actor_ptr> running_;
  std::vector<caf::typed_response_promise<void>> waiting_;
  caf::error exit_reason_;
};

} // namespace

plugin_host spawn_plugin_host(caf::actor_system& system,
                              plugin_host_options options) {
  using implementation
    = caf::stateful_actor<plugin_host_state,
                          runtime::introspected<plugin_host::impl>>;
  return system.spawn<implementation>(std::move(options));
}

} // namespace hetzel::plugins
