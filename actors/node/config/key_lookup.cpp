#include "actors/node/config/key_lookup.hpp"

#include "actors/node/config/key_table.hpp"
#include "actors/node/config/scalar.hpp"
#include "actors/node/config/suggestion.hpp"

#include <algorithm>
#include <cctype>

namespace hetzel::node {

namespace {

const key_facts* find_plain(std::string_view name) {
  for (const auto keys : {node_keys(), session_keys()})
    for (const auto& key : keys)
      if (key.facts.name == name)
        return &key.facts;
  return nullptr;
}

const key_facts* find_option(std::string_view name, inherits_from level) {
  for (const auto& option : listener_options())
    if (option.key.facts.name == name && option.levels >= level)
      return &option.key.facts;
  return nullptr;
}

/// VerneMQ says `listener`.
std::string canonical(std::string_view written) {
  constexpr std::string_view singular = "listener";
  if (written == singular || written.starts_with("listener."))
    return "listeners" + std::string(written.substr(singular.size()));
  return std::string(written);
}

bool is_listener_name(std::string_view word) {
  return !word.empty()
         && std::all_of(word.begin(), word.end(), [](unsigned char c) {
              return std::isalnum(c) != 0 || c == '_' || c == '-';
            });
}

/// `parts` are those of a key below `listeners.`; null facts: there is none.
known_key find_listener_key(const std::string& name,
                            const std::vector<std::string_view>& parts) {
  switch (parts.size()) {
    case 1:
      return {name, find_option(parts[0], inherits_from::kind_and_root)};
    case 2:
      if (parts[0] != "tcp" || !is_listener_name(parts[1]))
        break;
      if (const auto* facts = find_option(parts[1], inherits_from::kind))
        return {name, facts};
      return {name + ".address", find_option("address", {}), true};
    case 3:
      if (parts[0] == "tcp" && is_listener_name(parts[1]))
        return {name, find_option(parts[2], inherits_from::nothing)};
      break;
    default:
      break;
  }
  return {name, nullptr};
}

/// Everything that could have been meant by `written`; listeners are called
/// as in it.
std::vector<std::string> candidates(std::string_view written) {
  std::vector<std::string> names;
  for (const auto keys : {node_keys(), session_keys()})
    for (const auto& key : keys)
      names.emplace_back(key.facts.name);
  const auto parts = split(written, '.');
  if (parts.size() == 3)
    names.push_back(std::string(tcp_prefix) + std::string(parts[2]));
  for (const auto& option : listener_options()) {
    const std::string word{option.key.facts.name};
    if (option.levels >= inherits_from::kind_and_root)
      names.push_back(std::string(listeners_prefix) + word);
    if (option.levels >= inherits_from::kind)
      names.push_back(std::string(tcp_prefix) + word);
    if (parts.size() == 4)
      names.push_back(std::string(tcp_prefix) + std::string(parts[2]) + '.'
                      + word);
  }
  return names;
}

std::string suggestion(const std::string& found) {
  return found.empty() ? found : ", did you mean " + found + '?';
}

std::string describe_unknown(const std::string& name) {
  for (const auto& key : retired_keys())
    if (key.name == name)
      return "is no longer a key: " + std::string(key.advice);
  return "unknown key" + suggestion(nearest(name, candidates(name)));
}

} // namespace

mqtt::expected<known_key, std::string> find_key(std::string_view written) {
  const auto name = canonical(written);
  known_key found{name, find_plain(name)};
  if (!found.facts && name.starts_with(listeners_prefix)) {
    const auto rest = std::string_view(name).substr(listeners_prefix.size());
    found = find_listener_key(name, split(rest, '.'));
  }
  if (!found.facts)
    return mqtt::unexpected(describe_unknown(name));
  return found;
}

bool is_section(std::string_view written) {
  const auto name = canonical(written);
  if (name == "listeners" || name == "listeners.tcp")
    return true;
  const auto prefix = name + '.';
  const auto names = candidates("");
  return std::any_of(names.begin(), names.end(), [&](const auto& candidate) {
    return candidate.starts_with(prefix);
  });
}

std::string_view listener_of(std::string_view name) noexcept {
  if (!name.starts_with(tcp_prefix))
    return {};
  const auto rest = name.substr(tcp_prefix.size());
  const auto dot = rest.find('.');
  return dot == std::string_view::npos ? std::string_view{}
                                       : rest.substr(0, dot);
}

std::string suggest_tcp_option(std::string_view word) {
  std::vector<std::string> options;
  for (const auto& option : listener_options())
    if (option.levels >= inherits_from::kind)
      options.emplace_back(option.key.facts.name);
  const auto found = nearest(word, options);
  return suggestion(found.empty() ? found : std::string(tcp_prefix) + found);
}

} // namespace hetzel::node
