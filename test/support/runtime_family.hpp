#pragma once

#include "actors/runtime/supervisor.hpp"
#include "test/support/event_log.hpp"
#include "test/support/runtime_fixture.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace hetzel::test {

/// Fails with the text it is told, or ends.
using fragile_actor = runtime::introspectable::extend<
  caf::result<void>(caf::tick_atom, std::string),
  caf::result<void>(caf::close_atom)>;

struct habits {
  bool fails_at_start = false;
  /// Instead, it adds "asked".
  bool ignores_shutdown = false;
  std::shared_future<void> hangs_until = {}; ///< in its handler of `tick`
};

/// A fixture with one supervisor of children named a, b, c … What they and the
/// supervisor do is in `events`: "+a" when a is ready, "-a" when it is gone.
struct runtime_family : runtime_fixture {
  explicit runtime_family(std::size_t reactors = 1)
    : runtime_fixture(reactors) {}
  /// Stops the supervisor, if there still is one.
  ~runtime_family();

  /// A child on the reactor `home`.
  runtime::child_spec child(const std::string& id, habits how = {},
                            std::size_t home = 0);
  runtime::supervisor_spec spec(runtime::restart_strategy strategy,
                                const std::string& ids);

  /// Spawns the supervisor and waits until all of its children are ready.
  void start(runtime::supervisor_spec what);

  /// Waits for an actor's end; why it ended.
  template <class Handle>
  caf::error wait_for_end(const Handle& actor) {
    caf::error reason;
    self->monitor(actor);
    self->receive(
      [&](const caf::down_msg& message) { reason = message.reason; });
    return reason;
  }

  template <class Handle>
  caf::error stop(const Handle& actor) {
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    return wait_for_end(actor);
  }

  /// The running child of that name.
  fragile_actor lookup(const std::string& id);
  std::vector<runtime::child_listing> children();

  /// What the request to the supervisor failed with; empty: it did not.
  template <class... Message>
  caf::error ask(Message... message) {
    caf::error result;
    self
      ->request(caf::actor_cast<caf::actor>(supervisor), patience, message...)
      .receive([] {}, [&](const caf::error& why) { result = why; });
    return result;
  }

  template <class... Message>
  caf::error ask_for_handle(Message... message) {
    caf::error result;
    self
      ->request(caf::actor_cast<caf::actor>(supervisor), patience, message...)
      .receive([](const caf::strong_actor_ptr&) {},
               [&](const caf::error& why) { result = why; });
    return result;
  }

  static constexpr std::chrono::seconds patience{30};

  std::shared_ptr<event_log> events = std::make_shared<event_log>();
  caf::scoped_actor self{system};
  runtime::supervisor_actor supervisor;
};

} // namespace hetzel::test
