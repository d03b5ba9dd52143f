#pragma once

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/restore.hpp"
#include "actors/messaging/site.hpp"
#include "actors/messaging/storage/message_disk.hpp"
#include "actors/net/listening_socket.hpp"
#include "actors/runtime/reactor_pool.hpp"
#include "cluster/metadata/metadata.hpp"
#include "test/support/messaging_client.hpp"
#include "test/support/metadata_disk.hpp"
#include "test/support/node_probe.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hetzel::test {

/// Anonymous clients are admitted; the rest is the default.
[[nodiscard]] messaging::live_config open_config();

/// What the messaging actors share, without any of them. The reactors do not
/// run unless the test starts them, so that it can play their part.
struct messaging_site {
  explicit messaging_site(std::size_t reactors = 1,
                          messaging::live_config config = open_config());
  ~messaging_site();

  messaging_site(const messaging_site&) = delete;
  messaging_site& operator=(const messaging_site&) = delete;

  [[nodiscard]] messaging::site& local(std::size_t reactor = 0) {
    return exchange.site_of(reactor);
  }

  /// Of all reactors together.
  [[nodiscard]] std::uint64_t count(messaging::metric which);

  caf::actor_system_config settings;
  caf::actor_system system;
  /// Goes before the exchange, which its last handlers use.
  std::unique_ptr<runtime::reactor_pool> pool;
  messaging::exchange exchange;
  caf::scoped_actor self;
};

/// The messaging tree with one listener on a free port of the loopback, on two
/// reactors: a node without configuration and process, so that a test sees
/// counters and shared state.
struct messaging_node : messaging_site {
  /// With `disk` it has metadata there and goes on with what that has.
  explicit messaging_node(messaging::live_config config = open_config(),
                          std::shared_ptr<metadata_disk> disk = nullptr);
  ~messaging_node();

  [[nodiscard]] std::uint16_t port() const { return socket->port(); }

  [[nodiscard]] messaging_client client(const client_options& options) const {
    return messaging_client{port(), options};
  }

  /// A client with that id, the rest as `client_options` has it.
  [[nodiscard]] messaging_client client(std::string_view client_id) const {
    return client(client_options{.client_id = std::string{client_id}});
  }

  /// A client id that begins with `stem` and lives on that reactor.
  [[nodiscard]] std::string id_on(std::size_t reactor,
                                  std::string_view stem) const;

  /// The actor of a kind on that reactor.
  [[nodiscard]] caf::strong_actor_ptr actor(std::string_view kind,
                                            std::size_t reactor = 0) const;

  /// Another one has taken the place of `former`, which ended.
  [[nodiscard]] bool is_restarted(std::string_view kind, std::size_t reactor,
                                  const caf::strong_actor_ptr& former) const;

  /// Kills the actor of that kind on that reactor, waits for the next one.
  [[nodiscard]] bool restart(std::string_view kind, std::size_t reactor = 0);

  std::shared_ptr<metadata_disk> disk;
  std::optional<cluster::metadata> metadata;
  std::unique_ptr<messaging::message_disk> messages;
  std::shared_ptr<const net::listening_socket> socket;
  messaging::restore_report restored;
  runtime::supervisor_actor root;
  node_probe probe;

private:
  runtime::supervisor_actor start();
};

} // namespace hetzel::test
