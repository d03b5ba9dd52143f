#pragma once

#include "actors/net/listener.hpp"
#include "actors/runtime/handle_slot.hpp"
#include "actors/runtime/supervisor.hpp"

#include <caf/fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hetzel::net {

class tls_source;

/// A reactor that listeners can live on.
struct listener_home {
  runtime::reactor& reactor;
  traffic_counters& traffic;
};

/// What listeners need of the node around them; outlives the set.
struct listener_wiring {
  caf::actor_system& system;
  std::vector<listener_home> homes; ///< taken in turn; at least one
  /// Makes one for each listener.
  std::function<gate_lookup()> gates;
};

enum class listener_status : unsigned char {
  running,
  suspended, ///< stopped by the operator: its port is closed
};

[[nodiscard]] const char* to_string(listener_status status) noexcept;

/// One listener, as it is now.
struct listener_facts {
  listener_config config;
  listener_status status{};
  /// As bound: the port is the real one, also while it is suspended.
  std::uint16_t port = 0;
  std::size_t connections = 0;
};

/// The listeners of a node: bound, started, and changed while it runs. Whatever
/// happens to one, the others go on, and so do the connections of all.
///
/// Any thread but an actor's; calls wait for each other, for files, and up to
/// `step_timeout` for the supervisor of the listeners.
class listener_set {
public:
  using outcome = mqtt::expected<void, std::string>;

  static constexpr std::chrono::seconds step_timeout{10};

  explicit listener_set(listener_wiring wiring);

  // -- the start, once -------------------------------------------------------

  /// Reads the files of all, and binds their ports. The error is a sentence.
  [[nodiscard]] outcome open(std::span<const listener_config> configs);

  /// The child that runs the listeners there are; for the node's supervisor.
  [[nodiscard]] runtime::child_spec child();

  // -- while it runs ---------------------------------------------------------

  /// Makes the listeners those of `configs`: starts new ones, ends others, and
  /// gives the new connections of those that changed what they want now. Of
  /// the others the files are looked at. A listener that cannot be what it
  /// should goes on as it is. Returns a sentence for each of these.
  std::vector<std::string> apply(std::span<const listener_config> configs);

  /// One more; until the next `apply`, which knows nothing of it.
  [[nodiscard]] outcome start(const listener_config& config);

  /// Closes its port; connections stay.
  [[nodiscard]] outcome stop(std::string_view name);
  /// Opens the port of one that was stopped.
  [[nodiscard]] outcome restart(std::string_view name);
  /// Of one that was stopped.
  [[nodiscard]] outcome remove(std::string_view name);

  /// Looks whether the files of TLS listeners have changed.
  void refresh_tls();

  [[nodiscard]] std::vector<listener_facts> list() const;

private:
  using socket_ptr = std::shared_ptr<const listening_socket>;

  struct entry {
    std::shared_ptr<listener_context> context;
    std::shared_ptr<tls_source> tls;
    socket_ptr socket; ///< null: suspended
    std::uint16_t port = 0;
    std::size_t home = 0;
  };

  [[nodiscard]] mqtt::expected<entry, std::string>
  make(const listener_config& config);
  [[nodiscard]] runtime::supervisor_spec supervisor() const;
  [[nodiscard]] runtime::child_spec child_of(const entry& one) const;
  [[nodiscard]] entry* find(std::string_view name);
  [[nodiscard]] outcome start_child(const entry& one) const;
  void end_child(std::string_view name) const;
  [[nodiscard]] outcome add(const listener_config& config);
  [[nodiscard]] outcome change(entry& one, const listener_config& config);
  void erase(std::string_view name);

  listener_wiring wiring_;
  mutable std::mutex mutex_;
  std::vector<entry> entries_;
  std::size_t turn_ = 0;
  runtime::handle_slot<runtime::supervisor_actor> supervisor_;
};

} // namespace hetzel::net
