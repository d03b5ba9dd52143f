#include "actors/node/config/key_lookup.hpp"

#include "actors/node/config/key_table.hpp"
#include "actors/node/config/scalar.hpp"
#include "actors/node/config/suggestion.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace hetzel::node {

namespace {

const key_facts* find_plain(std::string_view name) {
  for (const auto keys : single_keys())
    for (const auto& key : keys)
      if (key.facts.name == name)
        return &key.facts;
  return nullptr;
}

/// That there are keys for.
constexpr std::array all_kinds{net::listener_kind::tcp, net::listener_kind::ssl,
                               net::listener_kind::ws,
                               net::listener_kind::wss};

template <class Visitor>
void for_each_option(kind_set kinds, inherits_from level, Visitor&& visit) {
  for (const auto group : listener_options())
    for (const auto& option : group)
      if ((option.kinds & kinds) != 0 && option.levels >= level)
        visit(option.key.facts);
}

const key_facts* find_option(std::string_view name, kind_set kinds,
                             inherits_from level) {
  const key_facts* found = nullptr;
  for_each_option(kinds, level, [&](const key_facts& facts) {
    if (facts.name == name)
      found = &facts;
  });
  return found;
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
  if (parts.size() == 1)
    return {name,
            find_option(parts[0], any_kind, inherits_from::kind_and_root)};
  const auto kind = kind_of(parts[0]);
  if (!kind || parts.size() > 3 || !is_listener_name(parts[1]))
    return {name, nullptr};
  if (parts.size() == 3)
    return {name,
            find_option(parts[2], set_of(*kind), inherits_from::nothing)};
  const auto* const facts
    = find_option(parts[1], set_of(*kind), inherits_from::kind);
  if (facts)
    return {name, facts};
  return {name + ".address", find_option("address", any_kind, {}), true};
}

std::string kind_prefix(net::listener_kind kind) {
  return std::string(listeners_prefix) + to_string(kind) + '.';
}

/// The kind that was meant, or the first.
net::listener_kind nearest_kind(std::string_view word) {
  std::vector<std::string> words;
  for (const auto kind : all_kinds)
    words.emplace_back(to_string(kind));
  return kind_of(nearest(word, words)).value_or(net::listener_kind::tcp);
}

/// Everything that could have been meant by `written`; listeners are called
/// as in it.
std::vector<std::string> candidates(std::string_view written) {
  std::vector<std::string> names;
  for (const auto keys : single_keys())
    for (const auto& key : keys)
      names.emplace_back(key.facts.name);
  for_each_option(any_kind, inherits_from::kind_and_root,
                  [&](const key_facts& facts) {
                    names.push_back(std::string(listeners_prefix)
                                    + std::string(facts.name));
                  });
  const auto parts = split(written, '.');
  const auto kind
    = nearest_kind(parts.size() > 1 ? parts[1] : std::string_view{});
  const auto prefix = kind_prefix(kind);
  if (parts.size() == 3)
    names.push_back(prefix + std::string(parts[2]));
  for_each_option(set_of(kind), inherits_from::kind,
                  [&](const key_facts& facts) {
                    names.push_back(prefix + std::string(facts.name));
                  });
  if (parts.size() == 4)
    for_each_option(set_of(kind), inherits_from::nothing,
                    [&](const key_facts& facts) {
                      names.push_back(prefix + std::string(parts[2]) + '.'
                                      + std::string(facts.name));
                    });
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
  if (name == "listeners"
      || (name.starts_with(listeners_prefix)
          && name.find('.', listeners_prefix.size()) == name.npos
          && kind_of(std::string_view(name).substr(listeners_prefix.size()))))
    return true;
  const auto prefix = name + '.';
  const auto names = candidates("");
  return std::any_of(names.begin(), names.end(), [&](const auto& candidate) {
    return candidate.starts_with(prefix);
  });
}

std::string_view listener_of(std::string_view name) noexcept {
  if (!name.starts_with(listeners_prefix))
    return {};
  const auto rest = name.substr(listeners_prefix.size());
  const auto last = rest.rfind('.');
  return last == std::string_view::npos || rest.find('.') == last
           ? std::string_view{}
           : rest.substr(0, last);
}

std::optional<net::listener_kind>
kind_of(std::string_view listener) noexcept {
  for (const auto kind : all_kinds)
    if (listener.substr(0, listener.find('.')) == to_string(kind))
      return kind;
  return std::nullopt;
}

std::string suggest_kind_option(std::string_view written) {
  const auto parts = split(written, '.');
  const auto kind
    = nearest_kind(parts.size() > 1 ? parts[1] : std::string_view{});
  std::vector<std::string> options;
  for_each_option(set_of(kind), inherits_from::kind,
                  [&](const key_facts& facts) {
                    options.emplace_back(facts.name);
                  });
  const auto found = nearest(parts.back(), options);
  return suggestion(found.empty() ? found : kind_prefix(kind) + found);
}

} // namespace hetzel::node
