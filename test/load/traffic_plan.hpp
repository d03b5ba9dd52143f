#pragma once

#include "test/load/options.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace hetzel::test::load {

struct publisher_plan {
  std::string topic_name;
};

struct subscriber_plan {
  std::string topic_filter;
  /// The publishers it hears: `publisher_count` from this index on.
  std::uint32_t publisher_first = 0;
  std::uint32_t publisher_count = 0;
};

/// Who publishes what and who hears it, for pairs, fanout, fanin, shared, rate
/// and offline.
struct traffic_plan {
  std::vector<publisher_plan> publishers;
  std::vector<subscriber_plan> subscribers;
  /// Any one subscriber gets a message, instead of all who hear its publisher.
  bool is_shared = false;
  /// How often each message is delivered.
  std::uint32_t deliveries_per_message = 1;
};

[[nodiscard]] traffic_plan plan_traffic(const options& chosen);

} // namespace hetzel::test::load
