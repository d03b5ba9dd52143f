#pragma once

#include "actors/net/connection.hpp"
#include "actors/net/counter.hpp"
#include "test/support/event_log.hpp"
#include "test/support/net_peer.hpp"
#include "test/support/runtime_fixture.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <functional>
#include <memory>
#include <string>

namespace hetzel::test {

/// What hangs on the reactors uses it to their end.
struct net_counters {
  net::traffic_counters counters;
};

/// Reactors with sockets, and ways to wait for what they do.
struct net_fixture : net_counters, runtime_fixture {
  explicit net_fixture(std::size_t reactors = 1);

  /// Runs `job` on the first reactor, or `where`, to its end. What it throws is
  /// thrown here.
  void run(const std::function<void()>& job);
  void run_on(runtime::reactor& where, const std::function<void()>& job);

  /// Waits until `condition`, asked on that reactor by a timer of its, is true;
  /// false: it did not come in time.
  [[nodiscard]] bool eventually(std::function<bool()> condition);
  [[nodiscard]] bool eventually_on(runtime::reactor& where,
                                   std::function<bool()> condition);

  runtime::reactor& home() { return pool[0]; }

  /// Kills an actor and waits for its end.
  template <class Handle>
  void kill(const Handle& which) {
    caf::anon_send_exit(which, caf::exit_reason::kill);
    self->wait_for(which);
  }

  /// One entry of what the actor says of its state; "" when it has none such.
  template <class Handle>
  std::string state_of(const Handle& which, const std::string& key) {
    return state_entry(caf::actor_cast<caf::strong_actor_ptr>(which), key);
  }

  caf::scoped_actor self{system};

private:
  std::string state_entry(const caf::strong_actor_ptr& which,
                          const std::string& key);
};

/// A connection of the first reactor with its owner. Hooks run there; all else
/// is for the test's thread while the reactor is not in a hook.
class plugged : public net::connection_handler {
public:
  plugged(net_fixture& around, net::socket_handle socket);
  plugged(net_fixture& around, runtime::reactor& home,
          net::socket_handle socket);
  ~plugged() override;

  /// `job` on its reactor.
  void run(const std::function<void()>& job);
  void start(std::string unread = {});
  /// Appends to the output and asks for a flush.
  void write(std::string_view bytes);

  /// What came, once it is `size` bytes or more.
  std::string received(std::size_t size);

  void on_bytes(mqtt::bytes_view& buffer) override;
  void on_closed() override;
  void on_flushed() override;

  /// In place of taking all into `input`.
  std::function<void(mqtt::bytes_view&)> input_hook;
  std::function<void()> closed_hook;
  std::function<void()> flushed_hook;

  /// "closed" and "flushed".
  event_log events;
  std::string input;
  mqtt::output_buffer output;
  std::unique_ptr<net::connection> link;

private:
  net_fixture& around_;
  runtime::reactor& home_;
};

} // namespace hetzel::test
