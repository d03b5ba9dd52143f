#pragma once

#include "protocol/basic_types.hpp"
#include "protocol/delivery.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace hetzel::messaging {

class subscription_table;

/// What share groups are called on disk, since their numbers are of this
/// process. For one reactor's thread: the names of numbers that were asked for
/// are kept, so that a message for a group asks no registry.
class share_names {
public:
  /// Names that are kept; with more all are forgotten.
  static constexpr std::size_t kept_max = 1000;

  /// `table` must outlive this.
  explicit share_names(const subscription_table& table) : table_(table) {}

  /// `$share/{group}/{filter}`; empty: not shared, or nobody knows the group
  /// any more. Valid until the next call.
  [[nodiscard]] std::string_view name_of(mqtt::share_id id);

  /// Zero: nobody is in that group.
  [[nodiscard]] mqtt::share_id number_of(mqtt::bytes_view mountpoint,
                                         std::string_view name) const;

private:
  const subscription_table& table_;
  boost::unordered_flat_map<mqtt::share_id, std::string> names_;
};

} // namespace hetzel::messaging
