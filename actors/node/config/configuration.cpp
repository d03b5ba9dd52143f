#include "actors/node/config/configuration.hpp"

#include "actors/node/config/key_lookup.hpp"
#include "actors/node/config/key_table.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <thread>
#include <utility>

namespace hetzel::node {

namespace {

constexpr std::string_view address_option = ".address";
constexpr std::string_view default_listener = "tcp.default";

config_entry default_entry(const key_facts& facts) {
  // The tests prove that every default can be read.
  return {&facts, std::string(facts.default_text),
          *parse_value(facts, facts.default_text),
          std::string(default_place)};
}

/// A number of -1 says: what the level above says (VerneMQ, 4.2).
bool says_inherit(const setting& from, const known_key& key) {
  return from.text == "-1" && key.name.starts_with(listeners_prefix);
}

std::string key_at(std::string_view prefix, std::string_view option) {
  return std::string(prefix) + std::string(option);
}

/// In front of the options of a listener, and of all of its kind.
std::string own_prefix(std::string_view listener) {
  return key_at(listeners_prefix, listener) + '.';
}

std::string kind_prefix(std::string_view listener) {
  return own_prefix(listener.substr(0, listener.find('.')));
}

/// Those that a listener of that name has.
template <class Visitor>
void for_each_option(std::string_view listener, Visitor&& visit) {
  const auto kind = set_of(*kind_of(listener));
  for (const auto group : listener_options())
    for (const auto& option : group)
      if ((option.kinds & kind) != 0)
        visit(option);
}

class resolver {
public:
  void take(const settings_read& source) {
    problems_.insert(problems_.end(), source.problems.begin(),
                     source.problems.end());
    for (const auto& one : source.settings)
      take(one);
  }

  mqtt::expected<configuration, std::vector<problem>> finish() {
    configuration out;
    for (const auto keys : single_keys())
      for (const auto& key : keys)
        out.entries.emplace(key.facts.name,
                            given_or_default(key.facts.name, key.facts));
    for (const auto& name : listener_names())
      add_listener(name, out.entries);
    check_addresses(out.entries);
    if (!problems_.empty())
      return mqtt::unexpected(std::move(problems_));
    out.values = build(out.entries);
    out.warnings = std::move(warnings_);
    return out;
  }

private:
  void take(const setting& one) {
    const auto key = find_key(one.key);
    if (one.is_empty && (!key || key->is_short_address) && is_section(one.key))
      return;
    if (!key) {
      auto& list = one.source == source_kind::environment ? warnings_
                                                          : problems_;
      return list.push_back({one.place, one.key, key.error()});
    }
    if (one.is_empty)
      return fail(one, "has no value");
    if (says_inherit(one, *key))
      return;
    auto parsed = parse_value(*key->facts, one.text);
    if (!parsed)
      return fail(one, parsed.error()
                         + (key->is_short_address
                              ? suggest_kind_option(one.key)
                              : std::string()));
    store(one, *key, std::move(*parsed));
  }

  void store(const setting& one, const known_key& key, value parsed) {
    if (one.source == source_kind::file
        && !in_file_.emplace(key.name, one.place).second)
      return fail(one, "is given twice, first at " + in_file_[key.name]);
    given_.insert_or_assign(key.name,
                            config_entry{key.facts, one.text, std::move(parsed),
                                         one.place});
  }

  void fail(const setting& one, std::string what) {
    problems_.push_back({one.place, one.key, std::move(what)});
  }

  const config_entry* given(std::string_view name) const {
    const auto found = given_.find(name);
    return found == given_.end() ? nullptr : &found->second;
  }

  config_entry given_or_default(std::string_view name,
                                const key_facts& facts) const {
    const auto* entry = given(name);
    return entry ? *entry : default_entry(facts);
  }

  /// Those with an address; when there is none, the default one.
  std::set<std::string, std::less<>> listener_names() const {
    std::set<std::string, std::less<>> names;
    for (const auto& [key, entry] : given_)
      if (key.ends_with(address_option) && !listener_of(key).empty())
        names.emplace(listener_of(key));
    if (names.empty())
      names.emplace(default_listener);
    return names;
  }

  void add_listener(const std::string& name, config_entries& to) const {
    for_each_option(name, [&](const listener_option& option) {
      const auto& facts = option.key.facts;
      const auto own = key_at(own_prefix(name), facts.name);
      const auto* entry = given(own);
      if (!entry && option.levels >= inherits_from::kind)
        entry = given(key_at(kind_prefix(name), facts.name));
      if (!entry && option.levels >= inherits_from::kind_and_root)
        entry = given(key_at(listeners_prefix, facts.name));
      to.emplace(own, entry ? *entry : default_entry(facts));
    });
  }

  /// Options of a listener without an address, and one address twice.
  void check_addresses(const config_entries& complete) {
    for (const auto& [key, entry] : given_) {
      const auto name = listener_of(key);
      if (!name.empty()
          && !complete.contains(
            key_at(listeners_prefix, name).append(address_option)))
        problems_.push_back(
          {entry.place, key, "there is no address for this listener"});
    }
    std::map<std::pair<std::string, std::int64_t>, std::string> seen;
    for (const auto& [key, entry] : complete) {
      const auto port = entry.parsed.number;
      const bool is_path = entry.parsed.text.starts_with('/');
      if (listener_of(key).empty() || !key.ends_with(address_option)
          || (port == 0 && !is_path))
        continue;
      const auto first = seen.emplace(std::pair(entry.parsed.text, port), key);
      if (!first.second)
        problems_.push_back({entry.place, key,
                             "is the address of " + first.first->second
                               + " already"});
    }
  }

  config_entries given_;
  /// Where a key stands in the file.
  std::map<std::string, std::string> in_file_;
  std::vector<problem> problems_;
  std::vector<problem> warnings_;
};

net::listener_config build_listener(std::string_view name,
                                    const config_entries& entries,
                                    const node_config& node) {
  net::listener_config listener;
  listener.name = name;
  listener.kind = *kind_of(name);
  listener.connect_timeout = node.connect_timeout;
  listener.websocket.frames = node.websocket_frames;
  for_each_option(name, [&](const listener_option& option) {
    const auto key = key_at(own_prefix(name), option.key.facts.name);
    option.key.store(listener, entries.find(key)->second.parsed);
  });
  return listener;
}

} // namespace

mqtt::expected<configuration, std::vector<problem>>
resolve(std::span<const settings_read> sources) {
  resolver merge;
  for (const auto& source : sources)
    merge.take(source);
  return merge.finish();
}

node_config build(const config_entries& entries) {
  node_config config;
  for (const auto keys : single_keys())
    for (const auto& key : keys)
      if (key.store)
        key.store(config, entries.find(key.facts.name)->second.parsed);
  if (config.reactors == 0)
    config.reactors = std::max(1U, std::thread::hardware_concurrency());
  for (const auto& [key, entry] : entries)
    if (key.ends_with(address_option) && !listener_of(key).empty())
      config.listeners.push_back(
        build_listener(listener_of(key), entries, config));
  return config;
}

} // namespace hetzel::node
