#include "plugins/host/plugin_roster.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::plugins {

namespace {

hook_set guarded_by(const hook_set& all) noexcept {
  return all.only(hook_family::authentication)
    .insert(all.only(hook_family::authorisation));
}

bool is_running(plugin_state state) noexcept {
  return state == plugin_state::starting || state == plugin_state::on;
}

} // namespace

std::string_view to_string(plugin_state state) noexcept {
  switch (state) {
  case plugin_state::off:
    return "off";
  case plugin_state::starting:
    return "starting";
  case plugin_state::on:
    return "on";
  case plugin_state::stopping:
    return "stopping";
  case plugin_state::failed:
    return "failed";
  }
  return {};
}

// -- what is wanted -----------------------------------------------------------

void plugin_roster::configure(std::vector<plugin_spec> specs) {
  auto former = std::exchange(entries_, {});
  for (auto& spec : specs) {
    const auto before
      = std::find_if(former.begin(), former.end(), [&](const entry& one) {
          return one.spec.name == spec.name;
        });
    auto& one = before == former.end()
                  ? entries_.emplace_back()
                  : entries_.emplace_back(std::move(*before));
    const bool has_changed = one.spec.settings != spec.settings;
    one.spec = std::move(spec);
    one.is_wanted = false;
    if (has_changed && is_running(one.state))
      one.state = plugin_state::stopping;
    if (one.spec.is_on)
      want(one);
  }
}

bool plugin_roster::enable(std::string_view name) {
  auto* const one = entry_of(name);
  if (one)
    want(*one);
  return one != nullptr;
}

void plugin_roster::want(entry& one) {
  one.is_wanted = true;
  memory_.guarded.insert(guarded_by(one.spec.hooks));
  if (one.state == plugin_state::failed)
    one.state = plugin_state::off;
}

bool plugin_roster::disable(std::string_view name) {
  auto* const one = entry_of(name);
  if (one)
    one->is_wanted = false;
  return one != nullptr;
}

std::optional<plugin_roster::order> plugin_roster::next() {
  for (auto& one : entries_) {
    if (one.is_wanted && one.state == plugin_state::off) {
      one.state = plugin_state::starting;
      one.failure.clear();
      return order{one.spec.name, true};
    }
    const bool is_unwanted = !one.is_wanted && is_running(one.state);
    if (is_unwanted)
      one.state = plugin_state::stopping;
    if (one.state == plugin_state::stopping && !one.is_told_to_stop) {
      one.is_told_to_stop = true;
      return order{one.spec.name, false};
    }
  }
  return std::nullopt;
}

// -- what became of it --------------------------------------------------------

void plugin_roster::on_started(std::string_view name) {
  if (auto* const one = entry_of(name);
      one && one->state == plugin_state::starting)
    one->state = plugin_state::on;
}

void plugin_roster::on_failed(std::string_view name, std::string failure) {
  auto* const one = entry_of(name);
  if (!one || !is_running(one->state))
    return;
  one->state = plugin_state::failed;
  one->failure = std::move(failure);
  one->published = nullptr;
}

void plugin_roster::on_stopped(std::string_view name) {
  auto* const one = entry_of(name);
  if (!one || one->state != plugin_state::stopping)
    return;
  one->state = plugin_state::off;
  one->is_told_to_stop = false;
  if (!one->is_wanted)
    one->published = nullptr;
}

plugin_roster::entry* plugin_roster::listening(std::string_view name,
                                               std::uint64_t life) noexcept {
  auto* const one = entry_of(name);
  if (!one || !is_running(one->state) || life < one->life)
    return nullptr;
  one->life = life;
  return one;
}

bool plugin_roster::on_published(std::string_view name, std::uint64_t life,
                                 evaluator_ptr in_place) {
  auto* const one = listening(name, life);
  if (one)
    one->published = make_provider(one->spec.name, one->spec.priority,
                                   std::move(in_place));
  return one != nullptr;
}

bool plugin_roster::on_published(std::string_view name, std::uint64_t life,
                                 const actor_offer& offer) {
  auto* const one = listening(name, life);
  if (one)
    one->published = make_provider(one->spec.name, one->spec.priority, offer);
  return one != nullptr;
}

// -- what follows -------------------------------------------------------------

hook_table_ptr plugin_roster::make_table() {
  std::vector<provider_ptr> providers;
  for (const auto& one : entries_) {
    if (!one.is_wanted)
      continue;
    if (one.published)
      providers.push_back(one.published);
    else if (!guarded_by(one.spec.hooks).empty())
      providers.push_back(make_refusal(one.spec.name, one.spec.priority,
                                       one.spec.hooks));
  }
  return std::make_shared<const hook_table>(++memory_.version,
                                            std::move(providers),
                                            memory_.guarded);
}

bool plugin_roster::is_settled() const noexcept {
  return std::none_of(entries_.begin(), entries_.end(), [](const entry& one) {
    return one.state == plugin_state::starting;
  });
}

plugin_roster::entry*
plugin_roster::entry_of(std::string_view name) noexcept {
  for (auto& one : entries_)
    if (one.spec.name == name)
      return &one;
  return nullptr;
}

const plugin_roster::entry*
plugin_roster::find(std::string_view name) const noexcept {
  for (const auto& one : entries_)
    if (one.spec.name == name)
      return &one;
  return nullptr;
}

} // namespace hetzel::plugins
