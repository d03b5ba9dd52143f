#include "actors/node/listener_commands.hpp"

#include "actors/node/config/configuration.hpp"
#include "actors/node/config/text_sources.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::node {

namespace {

using admin::command_record;
using admin::reply;
using admin::request;
using outcome = net::listener_set::outcome;

// -- show ---------------------------------------------------------------------

using row = std::vector<std::string>;

std::string flag(bool is_on) {
  return is_on ? "on" : "off";
}

std::string versions_of(const net::listener_config& config) {
  const auto& allowed = config.allowed_versions;
  std::string list;
  const auto add = [&](bool is_allowed, const char* name) {
    if (is_allowed)
      (list += list.empty() ? "" : ",") += name;
  };
  add(allowed.v3_1, "3");
  add(allowed.v3_1_1, "4");
  add(allowed.v5, "5");
  add(allowed.v3_1_bridge, "131");
  add(allowed.v3_1_1_bridge, "132");
  return list;
}

/// VerneMQ's words.
const char* type_of(net::listener_kind kind) {
  switch (kind) {
    case net::listener_kind::tcp:
      return "mqtt";
    case net::listener_kind::ssl:
      return "mqtts";
    case net::listener_kind::ws:
      return "mqttws";
    case net::listener_kind::wss:
      return "mqttwss";
  }
  return "mqtt";
}

row heading(listener_columns columns) {
  row cells{"name",       "type",      "status",      "address", "port",
            "mountpoint", "max_conns", "active_conns"};
  if (columns.tls)
    cells.insert(cells.end(), {"certfile", "cafile", "require_certificate",
                               "use_identity_as_username", "psk_support"});
  if (columns.mqtt)
    cells.insert(cells.end(),
                 {"allowed_protocol_versions", "allow_anonymous_override"});
  return cells;
}

row cells_of(const net::listener_facts& of, listener_columns columns) {
  const auto& config = of.config;
  row cells{config.name,
            type_of(config.kind),
            to_string(of.status),
            config.address,
            std::to_string(of.port),
            config.mountpoint,
            std::to_string(config.max_connections),
            std::to_string(of.connections)};
  const auto& tls = config.tls;
  if (columns.tls)
    cells.insert(cells.end(),
                 {tls.certificate.certfile, tls.cafile,
                  flag(tls.require_certificate),
                  flag(tls.use_identity_as_username), flag(tls.psk_support)});
  if (columns.mqtt)
    cells.insert(cells.end(), {versions_of(config),
                               flag(config.allow_anonymous_override)});
  return cells;
}

std::string line_of(const row& cells, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    line += cells[i];
    if (i + 1 < cells.size())
      line.append(widths[i] - cells[i].size() + 2, ' ');
  }
  return line;
}

// -- change -------------------------------------------------------------------

void answer(const reply& to, const outcome& done) {
  if (done)
    to.done();
  else
    to.fail(done.error());
}

/// The words of `listener start` as the configuration of one listener.
mqtt::expected<net::listener_config, std::string>
parse_listener(const std::vector<std::string>& words) {
  const auto key = "listeners." + words[0];
  std::vector<settings_read> sources{read_argument(key + '=' + words[1])};
  for (std::size_t i = 2; i < words.size(); ++i)
    sources.push_back(read_argument(key + '.' + words[i]));
  auto resolved = resolve(sources);
  if (!resolved)
    return mqtt::unexpected(resolved.error().front().to_string());
  auto& made = resolved->values.listeners;
  if (made.size() != 1 || made[0].name != words[0])
    return mqtt::unexpected("'" + words[0] + "' is not <kind>.<name>");
  return std::move(made[0]);
}

class desk {
public:
  desk(net::listener_set& listeners, work_runner later)
    : listeners_(&listeners), later_(std::move(later)) {}

  admin::command show() const {
    return {.name = "listener show",
            .arguments = "[tls] [mqtt]",
            .summary = "Lists the listeners, their state and connections.",
            .arguments_max = 2,
            .run = [*this](const request& what, const reply& to) {
              listener_columns columns;
              for (const auto& word : what.arguments) {
                if (word != "tls" && word != "mqtt")
                  return to.reject("the columns are tls and mqtt");
                (word == "tls" ? columns.tls : columns.mqtt) = true;
              }
              work([=](net::listener_set& of) {
                to.done(listener_table(of.list(), columns));
              });
            }};
  }

  admin::command start() const {
    return {.name = "listener start",
            .arguments = "KIND.NAME ADDRESS [OPTION=VALUE…]",
            .summary = "Starts one more listener, until the node ends or reads "
                       "its configuration again.",
            .details = {"ssl.new 127.0.0.1:8883 certfile=/etc/server.pem: the "
                        "options are those below",
                        "listeners.KIND.NAME, with their defaults."},
            .arguments_min = 2,
            .arguments_max = 40,
            .record = command_record::name,
            .run = [*this](const request& what, const reply& to) {
              auto config = parse_listener(what.arguments);
              if (!config)
                return to.reject(config.error());
              work([to, config = std::move(*config)](net::listener_set& of) {
                answer(to, of.start(config));
              });
            }};
  }

  admin::command change(std::string name, std::string summary,
                        outcome (net::listener_set::*what)(std::string_view))
    const {
    return {.name = std::move(name),
            .arguments = "KIND.NAME",
            .summary = std::move(summary),
            .arguments_min = 1,
            .arguments_max = 1,
            .record = command_record::words,
            .run = [*this, what](const request& asked, const reply& to) {
              work([to, what, which = asked.arguments[0]](
                     net::listener_set& of) {
                answer(to, (of.*what)(which));
              });
            }};
  }

  admin::command reload() const {
    return {.name = "tls reload",
            .summary = "Reads certificates, keys, revocations and PSKs again "
                       "that have changed.",
            .record = command_record::words,
            .run = [*this](const request&, const reply& to) {
              work([to](net::listener_set& of) {
                of.refresh_tls();
                to.done();
              });
            }};
  }

private:
  void work(std::function<void(net::listener_set&)> what) const {
    later_([listeners = listeners_, what = std::move(what)] {
      what(*listeners);
    });
  }

  net::listener_set* listeners_;
  work_runner later_;
};

} // namespace

std::vector<std::string>
listener_table(const std::vector<net::listener_facts>& listeners,
               listener_columns columns) {
  std::vector<row> rows{heading(columns)};
  for (const auto& one : listeners)
    rows.push_back(cells_of(one, columns));
  std::vector<std::size_t> widths(rows[0].size(), 0);
  for (const auto& cells : rows)
    for (std::size_t i = 0; i < cells.size(); ++i)
      widths[i] = std::max(widths[i], cells[i].size());
  std::vector<std::string> lines;
  for (const auto& cells : rows)
    lines.push_back(line_of(cells, widths));
  return lines;
}

void add_listener_commands(admin::command_registry& to,
                           net::listener_set& listeners, work_runner later) {
  const desk here{listeners, std::move(later)};
  to.add(here.show());
  to.add(here.start());
  to.add(here.change("listener stop",
                     "Closes the port of a listener; its connections stay.",
                     &net::listener_set::stop));
  to.add(here.change("listener restart",
                     "Opens the port of a listener that was stopped.",
                     &net::listener_set::restart));
  to.add(here.change("listener delete", "Forgets a listener that was stopped.",
                     &net::listener_set::remove));
  to.add(here.reload());
}

} // namespace hetzel::node
