#include "actors/node/config/key_table.hpp"
#include "actors/node/config/store.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace hetzel::node {

namespace {

using runtime::log::level;

enum class log_target : unsigned char { off, file, console, both };

/// VerneMQ's words and the lowest two of ours, in the order of the table.
constexpr std::array log_levels{
  level::trace,   level::debug, level::info,  level::info,  level::warning,
  level::error,   level::error, level::error, level::error,
};

void store_level(node_config& to, const value& from) {
  to.log.threshold = log_levels[static_cast<std::size_t>(from.number)];
}

void store_level_floor(node_config& to, const value& from) {
  constexpr std::array floors{level::trace, level::debug, level::info,
                              level::warning, level::error};
  to.log.threshold = std::max(to.log.threshold,
                              floors[static_cast<std::size_t>(from.number)]);
}

/// A place that is not wanted is taken back, which is why this key stands
/// behind the ones that it overrules.
void store_log_target(node_config& to, const value& from) {
  const auto target = static_cast<log_target>(from.number);
  to.log.console = target == log_target::console || target == log_target::both;
  if (target == log_target::console || target == log_target::off)
    to.log.file_path.clear();
  if (target == log_target::off)
    to.log.threshold = level::off;
}

void store_metadata_durability(node_config& to, const value& from) {
  to.metadata_durability = from.number == 0 ? persistence::durability::written
                                            : persistence::durability::synced;
}

void store_message_durability(node_config& to, const value& from) {
  constexpr std::array levels{net::message_durability::relaxed,
                              net::message_durability::written,
                              net::message_durability::synced};
  to.message_durability = levels[static_cast<std::size_t>(from.number)];
}

void store_rotation_size(node_config& to, const value& from) {
  to.log.file_size_max_bytes = from.off
                                 ? std::numeric_limits<std::size_t>::max()
                                 : static_cast<std::size_t>(from.number);
}

using key = config_key<node_config>;
using log_config = runtime::log::config;

constexpr auto keys = std::to_array<key>({
  {{.name = "data_dir",
    .kind = value_kind::path,
    .default_text = "./data",
    .doc = "Everything the node stores; created when absent."},
   &store<&node_config::data_dir>},
  {{.name = "control_socket",
    .kind = value_kind::path,
    .default_text = "control.sock",
    .off = "off",
    .doc = "The socket on which hetzelctl asks the node, for its own user and "
           "the superuser; a relative path begins in data_dir."},
   &store<&node_config::control_socket>},
  {{.name = "metadata_durability",
    .kind = value_kind::choice,
    .default_text = "written",
    .words = "written synced",
    .doc = "What subscriptions of persistent sessions and retained messages "
           "have survived when they are acknowledged: written, the end of "
           "this process at any moment; synced, a loss of power too."},
   &store_metadata_durability},
  {{.name = "message_durability",
    .kind = value_kind::choice,
    .default_text = "written",
    .words = "relaxed written synced",
    .doc = "What a message of QoS 1 or 2 to a session that outlives its "
           "connection has survived when it is acknowledged: written, the end "
           "of this process at any moment; synced, a loss of power too; "
           "relaxed, neither, it is stored later."},
   &store_message_durability},
  {{.name = "message_store_shards",
    .kind = value_kind::integer,
    .default_text = "1",
    .min = 1,
    .max = 256,
    .unit = "shards",
    .doc = "Parts of a message store that is made anew, each with a thread "
           "that writes; a store that is there keeps its number. With one, a "
           "message for many clients is written once."},
   &store<&node_config::message_store_shards>},
  {{.name = "nodename",
    .kind = value_kind::node_name,
    .default_text = "hetzel@127.0.0.1",
    .doc = "name@host, unique in a cluster."},
   &store<&node_config::nodename>},
  {{.name = "reactors",
    .kind = value_kind::integer,
    .default_text = "0",
    .max = 256,
    .unit = "threads",
    .doc = "Threads that run connections and sessions; 0 takes one per core."},
   &store<&node_config::reactors>},
  {{.name = "reactor_compaction",
    .kind = value_kind::flag,
    .default_text = "on",
    .doc = "In quiet times one thread does the work of all: faster, and "
           "cheaper, than to wake others for it."},
   &store<&node_config::reactor_compaction>},
  {{.name = "crl_refresh_interval",
    .kind = value_kind::duration,
    .default_text = "60s",
    .max = std::int64_t{7} * 24 * 3'600 * 1'000,
    .unit = "ms",
    .doc = "How often the certificates, keys, revocation lists and PSKs of TLS "
           "listeners are looked at, and read again when they have changed; "
           "0: at SIGHUP only."},
   &store<&node_config::tls_check_interval>},
  {{.name = "enhanced_auth_test_method",
    .kind = value_kind::flag,
    .default_text = "off",
    .doc = "Offers the enhanced authentication method HETZEL-TEST, with which "
           "clients can be tried; it lets everybody in."},
   &store<&node_config::enhanced_auth_test_method>},
  {{.name = "log.console.level",
    .kind = value_kind::choice,
    .default_text = "info",
    .words = "trace debug info notice warning error critical alert emergency",
    .live = true,
    .doc = "The least severe lines that are written. warning and above mean "
           "that a person should look."},
   &store_level},
  {{.name = "log.level",
    .kind = value_kind::choice,
    .default_text = "all",
    .words = "all debug info warning error",
    .live = true,
    .doc = "A floor under all other log levels."},
   &store_level_floor},
  {{.name = "log.console.file",
    .kind = value_kind::path,
    .default_text = "./log/console.log",
    .doc = "The file that log.console = file or both writes to; its folder is "
           "created when absent."},
   &store<&node_config::log, &log_config::file_path>},
  {{.name = "log.console.rotation.size",
    .kind = value_kind::size,
    .default_text = "64MB",
    .off = "infinity",
    .min = 4'096,
    .max = std::int64_t{1} << 40,
    .doc = "Size at which the log file is put aside and a new one begun."},
   &store_rotation_size},
  {{.name = "log.console.rotation.keep",
    .kind = value_kind::integer,
    .default_text = "5",
    .max = 1'000,
    .unit = "files",
    .doc = "Log files put aside that are kept."},
   &store<&node_config::log, &log_config::files_kept_max>},
  {{.name = "log.console",
    .kind = value_kind::choice,
    .default_text = "console",
    .words = "off file console both",
    .doc = "Where the log goes; the console is standard error."},
   &store_log_target},
});

constexpr auto retired = std::to_array<retired_key>({
  {"message_size_limit", "it is max_message_size now"},
  {"allow_multiple_sessions", "use shared subscriptions"},
  {"trade_consistency", "it has no successor"},
});

} // namespace

std::span<const config_key<node_config>> node_keys() noexcept {
  return keys;
}

std::span<const retired_key> retired_keys() noexcept {
  return retired;
}

} // namespace hetzel::node
