#include "actors/node/commands.hpp"

#include "actors/admin/status_commands.hpp"
#include "actors/admin/tree_commands.hpp"

#include <chrono>
#include <utility>

#include <unistd.h>

namespace hetzel::node {

namespace {

using admin::command_record;
using admin::reply;
using admin::request;

std::string seconds_since(std::chrono::steady_clock::time_point start) {
  const auto age = std::chrono::steady_clock::now() - start;
  return std::to_string(
           std::chrono::duration_cast<std::chrono::seconds>(age).count())
         + " s";
}

std::vector<admin::status_row> status_rows(const command_site& site) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<admin::status_row> rows{
    {"version", [] { return std::string{HETZEL_VERSION}; }},
    {"nodename", [name = site.nodename] { return name; }},
    {"pid", [] { return std::to_string(::getpid()); }},
    {"uptime", [start] { return seconds_since(start); }},
    {"listeners",
     [listeners = site.listeners] { return to_string(listeners()); }},
  };
  for (auto& row : admin::exchange_rows(site.exchange))
    rows.push_back(std::move(row));
  return rows;
}

admin::command version_command() {
  return {.name = "version",
          .summary = "Tells which version the node is.",
          .run = [](const request&, const reply& to) {
            to.done({"hetzel " HETZEL_VERSION});
          }};
}

admin::command reload_command(const command_site& site) {
  return {.name = "reload",
          .summary = "Reads the configuration again, as SIGHUP does.",
          .details = {"Keys that are not live keep their values until the "
                      "node is restarted; they are listed."},
          .record = command_record::words,
          .run = [reload = site.reload](const request&, const reply& to) {
            reload(to);
          }};
}

} // namespace

void add_node_commands(admin::command_registry& to, command_site site) {
  to.add(version_command());
  admin::add_status_commands(to, site.exchange, status_rows(site));
  admin::add_tree_commands(to, site.system, site.root);
  if (site.reload)
    to.add(reload_command(site));
}

} // namespace hetzel::node
