#pragma once

#include "actors/messaging/config.hpp"
#include "actors/net/config.hpp"
#include "actors/runtime/log.hpp"
#include "persistence/key_value_store.hpp"
#include "plugins/api/plugin.hpp"
#include "plugins/guards/config.hpp"
#include "protocol/session/limits.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// A node's configuration as plain values, checked: nothing behind the loader
/// sees text or a key's name. Passed by value. Default and range stand in the
/// table of keys (key_table.hpp); the defaults here are the same.

namespace hetzel::node {

struct node_config {
  /// Everything the node stores; created when absent.
  std::filesystem::path data_dir{"./data"};
  /// Where operators ask; relative to `data_dir`. nullopt: nowhere.
  std::optional<std::filesystem::path> control_socket{"control.sock"};
  persistence::durability metadata_durability
    = persistence::durability::written;
  /// What a message has survived when it is acknowledged.
  net::message_durability message_durability
    = net::message_durability::written;
  /// Of a message store that is made anew; 1…256.
  std::size_t message_store_shards = 1;
  /// `<name>@<host>`, unique in a cluster.
  std::string nodename{"hetzel@127.0.0.1"};
  /// Threads that run sessions; 1…256. Zero in the key: one per core.
  std::size_t reactors = 1;
  /// Whether they share one thread as long as it has little to do.
  bool reactor_compaction = true;
  /// Sockets of the whole node that have not said CONNECT yet.
  std::size_t pending_connects_max = 20'000;
  /// From accept to an admitted CONNECT, AUTH packets included.
  std::chrono::milliseconds connect_timeout{5'000};
  /// Of all listeners.
  net::websocket::frame_limits websocket_frames;
  /// How often the files of TLS listeners are looked at; zero: at SIGHUP only.
  std::chrono::milliseconds tls_check_interval{60'000};
  /// Offers HETZEL-TEST (test_auth_method.hpp).
  bool enhanced_auth_test_method = false;
  runtime::log::config log;
  /// What listeners grant; `allowed_versions` is each listener's own.
  mqtt::session_limits limits;
  messaging::messaging_config messaging;
  std::vector<net::listener_config> listeners;
  plugins::guards_config guards;
  /// Plugins beside the guards, on or off.
  std::vector<plugins::plugin_spec> plugin_specs;
};

} // namespace hetzel::node
