#include "test/support/runtime_family.hpp"

#include "actors/runtime/pinned.hpp"

#include <stdexcept>
#include <utility>

namespace hetzel::test {

namespace {

using runtime::pinned_pointer;

class fragile_state {
public:
  static inline const char* name = "test.fragile";

  fragile_state(pinned_pointer<fragile_actor> self, std::string id,
                std::shared_ptr<event_log> events, habits how)
    : self_(self),
      id_(std::move(id)),
      events_(std::move(events)),
      habits_(std::move(how)) {}

  ~fragile_state() { events_->add("-" + id_); }

  fragile_actor::behavior_type make_behavior() {
    if (habits_.fails_at_start)
      throw std::runtime_error{"no luck"};
    if (habits_.ignores_shutdown)
      self_->set_exit_handler(
        [this](caf::exit_msg&) { events_->add("asked"); });
    return {
      runtime::describing(
        self_, [this] { return runtime::state_entries{{"label", id_}}; }),
      [this](caf::tick_atom, const std::string& text) {
        if (habits_.hangs_until.valid())
          habits_.hangs_until.wait();
        throw std::runtime_error{text};
      },
      [this](caf::close_atom) { self_->quit(); },
    };
  }

private:
  pinned_pointer<fragile_actor> self_;
  std::string id_;
  std::shared_ptr<event_log> events_;
  habits habits_;
};

[[noreturn]] void fail(const caf::error& why) {
  throw std::runtime_error{to_string(why)};
}

} // namespace

runtime_family::~runtime_family() {
  if (supervisor)
    static_cast<void>(stop(supervisor));
}

runtime::child_spec runtime_family::child(const std::string& id, habits how,
                                          std::size_t home) {
  runtime::child_spec result;
  result.name = id;
  result.start = [this, id, how, home] {
    return caf::actor_cast<caf::strong_actor_ptr>(
      runtime::spawn_pinned<fragile_actor, fragile_state>(pool[home], id,
                                                          events, how));
  };
  result.on_started = [this, id](const caf::strong_actor_ptr&) {
    events->add("+" + id);
  };
  return result;
}

runtime::supervisor_spec
runtime_family::spec(runtime::restart_strategy strategy,
                     const std::string& ids) {
  runtime::supervisor_spec result{.name = "family",
                                  .strategy = strategy,
                                  .intensity = {},
                                  .children = {}};
  for (const char id : ids)
    result.children.push_back(child(std::string(1, id)));
  return result;
}

void runtime_family::start(runtime::supervisor_spec what) {
  supervisor = runtime::spawn_supervisor(system, std::move(what));
  if (const auto failure = ask(runtime::started_atom_v))
    fail(failure);
}

fragile_actor runtime_family::lookup(const std::string& id) {
  caf::strong_actor_ptr result;
  self->request(supervisor, patience, runtime::lookup_child_atom_v, id)
    .receive([&](const caf::strong_actor_ptr& found) { result = found; }, fail);
  return caf::actor_cast<fragile_actor>(result);
}

std::vector<runtime::child_listing> runtime_family::children() {
  std::vector<runtime::child_listing> result;
  self->request(supervisor, patience, runtime::children_atom_v)
    .receive(
      [&](std::vector<runtime::child_listing>& list) { result = list; }, fail);
  return result;
}

} // namespace hetzel::test
