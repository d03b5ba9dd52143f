#include "cluster/swc/version_vector.hpp"

#include <algorithm>

namespace hetzel::cluster {

namespace {

template <class Entries>
auto find(Entries& entries, actor_id actor) {
  return std::lower_bound(
    entries.begin(), entries.end(), actor,
    [](const version_vector::entry& e, actor_id a) { return e.actor < a; });
}

} // namespace

std::uint64_t version_vector::at(actor_id actor) const noexcept {
  auto found = find(entries_, actor);
  return found != entries_.end() && found->actor == actor ? found->counter : 0;
}

bool version_vector::covers(const version_vector& other) const noexcept {
  return std::all_of(other.begin(), other.end(), [this](const entry& e) {
    return e.counter <= at(e.actor);
  });
}

void version_vector::raise(actor_id actor, std::uint64_t counter) {
  if (counter == 0)
    return;
  auto found = find(entries_, actor);
  if (found == entries_.end() || found->actor != actor)
    entries_.insert(found, {actor, counter});
  else
    found->counter = std::max(found->counter, counter);
}

void version_vector::join(const version_vector& other) {
  for (auto& e : other.entries_)
    raise(e.actor, e.counter);
}

bool version_vector::strip(const version_vector& known) {
  return std::erase_if(entries_, [&](const entry& e) {
           return e.counter <= known.at(e.actor);
         })
         != 0;
}

} // namespace hetzel::cluster
