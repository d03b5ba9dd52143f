#include "actors/node/commands.hpp"

#include "actors/admin/status_commands.hpp"
#include "actors/admin/tree_commands.hpp"

#include <chrono>
#include <memory>
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

admin::command checkpoint_command(const command_site& site) {
  return {.name = "checkpoint",
          .arguments = "DIR",
          .summary = "Copies the data directory as it is now to DIR.",
          .details = {"DIR must not exist; it appears when the copy is "
                      "complete. A node starts from it as it",
                      "does after a kill: all that was acknowledged before "
                      "the command is there."},
          .arguments_min = 1,
          .arguments_max = 1,
          .record = command_record::words,
          .deadline = std::chrono::hours{24},
          .run = [checkpoint = site.checkpoint](const request& what,
                                                const reply& to) {
            const auto path = what.path(what.arguments[0]);
            if (!path)
              return to.reject("DIR has to be an absolute path");
            checkpoint(std::make_shared<const checkpoint_order>(
              checkpoint_order{path->lexically_normal(), to}));
          }};
}

} // namespace

void add_node_commands(admin::command_registry& to, command_site site) {
  to.add(version_command());
  admin::add_status_commands(to, site.exchange, status_rows(site));
  admin::add_tree_commands(to, site.system, site.root);
  add_listener_commands(to, site.listener_set, site.listener_work);
  to.add(checkpoint_command(site));
  if (site.reload)
    to.add(reload_command(site));
}

} // namespace hetzel::node
