#pragma once

#include "cluster/metadata/metadata_key.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hetzel::cluster {

/// A put, or without a value a delete, of one record.
struct metadata_change {
  std::string key;
  std::optional<std::string> value;
};

/// Learns of every change of what is visible, whoever made it: this node or a
/// peer. Called on the thread of the record's group, once the store has it and
/// before the writer is answered; must not block and not throw.
class metadata_listener {
public:
  virtual ~metadata_listener() = default;

  /// `value` is absent when the record was deleted. The views end with the
  /// call.
  virtual void on_metadata(const metadata_key& key,
                           std::optional<std::string_view> value) noexcept
    = 0;
};

} // namespace hetzel::cluster
