#include "actors/admin/status_commands.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/readings.hpp"
#include "actors/messaging/site.hpp"
#include "actors/messaging/storage/message_disk.hpp"
#include "persistence/errc.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace hetzel::admin {

namespace {

using messaging::exchange;

/// Two counters of different moments: never below zero.
std::string open_sockets(exchange& node) {
  std::uint64_t opened = 0;
  std::uint64_t closed = 0;
  for (std::size_t i = 0; i < node.reactor_count(); ++i) {
    closed += node.site_of(i).traffic.socket_close.value();
    opened += node.site_of(i).traffic.socket_open.value();
  }
  return std::to_string(opened - std::min(opened, closed));
}

/// "ok", or the shards that fail and why.
std::string store_state(exchange& node) {
  std::string text;
  for (std::size_t i = 0; i < node.messages->shard_count(); ++i)
    if (const auto code = node.messages->failure(i);
        code != persistence::errc::none)
      text += (text.empty() ? "shard " : ", shard ") + std::to_string(i) + ' '
              + std::string{name(code)};
  return text.empty() ? "ok" : text;
}

std::string durability_of(const exchange& node) {
  switch (node.message_durability) {
    case net::message_durability::relaxed:
      return "relaxed";
    case net::message_durability::written:
      return "written";
    case net::message_durability::synced:
      return "synced";
  }
  return {};
}

std::string metric_line(const messaging::reading& one) {
  auto line = one.name;
  if (!one.reason_code.empty())
    line += "{reason_code=\"" + std::string{one.reason_code} + "\"}";
  return line + ' ' + std::to_string(one.value);
}

bool is_asked_for(const std::string& name,
                  const std::vector<std::string>& parts) {
  return parts.empty() || std::ranges::any_of(parts, [&](const auto& part) {
           return name.find(part) != std::string::npos;
         });
}

} // namespace

std::vector<status_row> exchange_rows(exchange& node) {
  std::vector<status_row> rows{
    {"sessions", [&node] { return std::to_string(node.sessions); }},
    {"sockets", [&node] { return open_sockets(node); }},
    {"retained", [&node] { return std::to_string(node.retained_count); }},
    {"reactors", [&node] { return std::to_string(node.reactor_count()); }},
  };
  if (node.messages) {
    rows.push_back({"message_store", [&node] { return store_state(node); }});
    rows.push_back(
      {"message_durability", [&node] { return durability_of(node); }});
  }
  return rows;
}

void add_status_commands(command_registry& registry, exchange& node,
                         std::vector<status_row> rows) {
  registry.add({.name = "status",
                .summary = "Tells how the node fares.",
                .run = [rows = std::move(rows)](const request&,
                                                const reply& to) {
                  std::vector<std::string> lines;
                  for (const auto& row : rows)
                    lines.push_back(row.key + ": " + row.value());
                  to.done(std::move(lines));
                }});
  registry.add({.name = "metrics",
                .arguments = "[PART…]",
                .summary = "Shows everything that is counted, or what has "
                           "PART in its name.",
                .arguments_max = request_words_max,
                .run = [&node](const request& what, const reply& to) {
                  std::vector<std::string> lines;
                  for (const auto& one : messaging::take_readings(node))
                    if (is_asked_for(one.name, what.arguments))
                      lines.push_back(metric_line(one));
                  to.done(std::move(lines));
                }});
}

} // namespace hetzel::admin
