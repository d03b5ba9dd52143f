#pragma once

#include "cluster/swc/container.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace hetzel::cluster {

/// Chooses what is visible among the siblings of a key (at least one). Pure,
/// total and blind to their order: replicas with equal siblings show the same.
using resolver = const version& (*)(std::span<const version> siblings);

/// The last writer wins: largest (hlc, actor, counter).
[[nodiscard]] const version& latest_version(std::span<const version> siblings);

/// The kind of a record is the first byte of its key; each kind may have a
/// resolver of its own, the others take `latest_version`.
class resolver_table {
public:
  resolver_table() { table_.fill(&latest_version); }

  void set(char kind, resolver chosen) {
    table_[static_cast<unsigned char>(kind)] = chosen;
  }

  /// Null when there are no siblings.
  [[nodiscard]] const version* visible(std::string_view key,
                                       const container& record) const {
    if (record.versions.empty())
      return nullptr;
    auto kind = key.empty() ? '\0' : key.front();
    return &table_[static_cast<unsigned char>(kind)](record.versions);
  }

private:
  std::array<resolver, 256> table_{};
};

} // namespace hetzel::cluster
