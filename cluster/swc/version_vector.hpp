#pragma once

#include "cluster/swc/dot.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hetzel::cluster {

/// For each actor the first n events; 0 is not kept. The join of two is the
/// larger counter of each actor.
class version_vector {
public:
  struct entry {
    actor_id actor{};
    std::uint64_t counter = 0;

    bool operator==(const entry&) const = default;
  };

  version_vector() = default;
  version_vector(std::initializer_list<entry> entries) {
    for (auto& e : entries)
      raise(e.actor, e.counter);
  }

  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

  /// By actor, ascending.
  [[nodiscard]] auto begin() const noexcept { return entries_.begin(); }
  [[nodiscard]] auto end() const noexcept { return entries_.end(); }

  /// 0 for an actor that is not there.
  [[nodiscard]] std::uint64_t at(actor_id actor) const noexcept;

  [[nodiscard]] bool covers(dot event) const noexcept {
    return event.counter <= at(event.actor);
  }
  /// Whether every entry of `other` is at most the one here.
  [[nodiscard]] bool covers(const version_vector& other) const noexcept;

  /// Never lowers.
  void raise(actor_id actor, std::uint64_t counter);
  void join(const version_vector& other);

  /// Drops what `known` covers; whether anything was.
  bool strip(const version_vector& known);

  bool operator==(const version_vector&) const = default;

private:
  std::vector<entry> entries_;
};

} // namespace hetzel::cluster
