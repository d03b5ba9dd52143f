#include "cluster/swc/node_clock.hpp"

#include <algorithm>

namespace hetzel::cluster {

namespace {

template <class Columns>
auto find(Columns& columns, actor_id actor) {
  return std::lower_bound(
    columns.begin(), columns.end(), actor,
    [](const node_clock::column& c, actor_id a) { return c.actor < a; });
}

} // namespace

const dot_set& node_clock::at(actor_id actor) const noexcept {
  static const dot_set none;
  auto found = find(columns_, actor);
  return found != columns_.end() && found->actor == actor ? found->dots : none;
}

dot_set& node_clock::column_of(actor_id actor) {
  auto found = find(columns_, actor);
  if (found == columns_.end() || found->actor != actor)
    found = columns_.insert(found, {actor, {}});
  return found->dots;
}

bool node_clock::includes(const node_clock& other) const {
  return std::all_of(other.begin(), other.end(), [this](const column& c) {
    return at(c.actor).includes(c.dots);
  });
}

version_vector node_clock::base() const {
  version_vector base;
  for (auto& c : columns_)
    base.raise(c.actor, c.dots.base());
  return base;
}

void node_clock::add(actor_id actor, counter_run run) {
  column_of(actor).add(run);
}

void node_clock::unite(actor_id actor, const dot_set& dots) {
  if (!dots.empty())
    column_of(actor).unite(dots);
}

void node_clock::unite(const node_clock& other) {
  for (auto& c : other.columns_)
    unite(c.actor, c.dots);
}

std::vector<node_clock::gap> node_clock::minus(const node_clock& other) const {
  std::vector<gap> gaps;
  for (auto& c : columns_) {
    auto runs = c.dots.minus(other.at(c.actor));
    if (!runs.empty())
      gaps.push_back({c.actor, std::move(runs)});
  }
  return gaps;
}

} // namespace hetzel::cluster
