#pragma once

#include "cluster/swc/dot.hpp"
#include "cluster/swc/version_vector.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace hetzel::cluster {

/// A live value of a key.
struct version {
  dot id;
  /// When it was written, by a hybrid logical clock (hlc.hpp).
  std::uint64_t hlc = 0;
  std::string value;

  bool operator==(const version&) const = default;
};

/// A dotted causal container: the live values of one key (siblings, normally
/// one) and the events that are superseded there. Stored and sent, the context
/// is stripped of what the node clock's base of the same moment says anyway;
/// joined, it has to be filled with it. An absent record is an empty one.
struct container {
  /// By dot, ascending, each once.
  std::vector<version> versions;
  version_vector context;

  [[nodiscard]] bool empty() const noexcept {
    return versions.empty() && context.empty();
  }
  [[nodiscard]] const version* find(dot id) const noexcept;

  void fill(const version_vector& base) { context.join(base); }
  void strip(const version_vector& base) { context.strip(base); }

  bool operator==(const container&) const = default;
};

struct joined {
  container result;
  /// Two values with one dot: somebody's storage lied. The larger one is kept,
  /// so that all replicas keep the same.
  bool has_conflict = false;
};

/// The least container that knows what both know. Commutative, associative,
/// idempotent. Both must be filled, and cover their own versions.
[[nodiscard]] joined join(const container& a, const container& b);

} // namespace hetzel::cluster
