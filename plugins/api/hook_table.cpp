#include "plugins/api/hook_table.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::plugins {

namespace {

bool is_before(const provider_ptr& a, const provider_ptr& b) {
  if (a->priority.has_value() != b->priority.has_value())
    return a->priority.has_value();
  if (a->priority != b->priority)
    return *a->priority < *b->priority;
  return a->name < b->name;
}

} // namespace

hook_table::hook_table(std::uint64_t version,
                       std::vector<provider_ptr> providers, hook_set guarded)
  : version_(version), present_(guarded), providers_(std::move(providers)) {
  std::stable_sort(providers_.begin(), providers_.end(), is_before);
  for (const auto& one : providers_) {
    present_.insert(one->hooks);
    for (std::size_t i = 0; i < hooks_count; ++i)
      for (const auto form : {hook_form::v3, hook_form::v5})
        if (one->hooks.contains(static_cast<hook>(i), form))
          chains_[index(static_cast<hook>(i), form)].push_back(one.get());
  }
}

chain hook_table::select(hook which, hook_form form,
                         std::span<const std::string> names) const {
  chain chosen;
  for (const auto& name : names)
    for (const auto* one : chain_of(which, form))
      if (one->name == name)
        chosen.push_back(one);
  return chosen;
}

std::string hook_table::describe(hook which, hook_form form) const {
  std::string text;
  for (const auto* one : chain_of(which, form)) {
    if (!text.empty())
      text += ", ";
    text += one->name;
  }
  return text;
}

} // namespace hetzel::plugins
