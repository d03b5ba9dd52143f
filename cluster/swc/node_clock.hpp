#pragma once

#include "cluster/swc/dot_set.hpp"
#include "cluster/swc/version_vector.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hetzel::cluster {

/// What a replica has incorporated: a dot is in it if and only if the event's
/// effect is (or if the dot is void: nobody has it and nobody ever will).
class node_clock {
public:
  struct column {
    actor_id actor{};
    dot_set dots;

    bool operator==(const column&) const = default;
  };

  /// By actor, ascending; none is empty.
  [[nodiscard]] auto begin() const noexcept { return columns_.begin(); }
  [[nodiscard]] auto end() const noexcept { return columns_.end(); }
  [[nodiscard]] std::size_t size() const noexcept { return columns_.size(); }
  [[nodiscard]] bool empty() const noexcept { return columns_.empty(); }

  /// An empty set for an actor without a column.
  [[nodiscard]] const dot_set& at(actor_id actor) const noexcept;

  [[nodiscard]] bool contains(dot event) const noexcept {
    return at(event.actor).contains(event.counter);
  }
  [[nodiscard]] bool includes(const node_clock& other) const;

  /// For each actor how many of its events are known without a gap.
  [[nodiscard]] version_vector base() const;

  void add(dot event) { add(event.actor, {event.counter, event.counter}); }
  void add(actor_id actor, counter_run run);
  void unite(actor_id actor, const dot_set& dots);
  void unite(const node_clock& other);

  struct gap {
    actor_id actor{};
    std::vector<counter_run> runs;
  };
  /// What is here and not in `other`, by actor, ascending.
  [[nodiscard]] std::vector<gap> minus(const node_clock& other) const;

  bool operator==(const node_clock&) const = default;

private:
  dot_set& column_of(actor_id actor);

  std::vector<column> columns_;
};

} // namespace hetzel::cluster
