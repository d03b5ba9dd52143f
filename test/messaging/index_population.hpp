#pragma once

#include "actors/messaging/index/subscription.hpp"
#include "protocol/message.hpp"
#include "protocol/topic.hpp"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace hetzel::test {

/// Topics and filters over few names, so that they meet often; with empty
/// levels, '$' names, and names too long to be stored in a node. Repeatable.
class index_population {
public:
  explicit index_population(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>{0, end - 1}(random_);
  }

  bool one_in(std::size_t n) { return below(n) == 0; }

  std::string mountpoint() {
    static const std::string names[]{"", "", "", "site", "a/+"};
    return names[below(std::size(names))];
  }

  std::string topic_name() {
    std::string name = one_in(8) ? "$sys" : level();
    for (auto more = below(5); more > 0; --more)
      name += '/' + level();
    return name.empty() ? "/" : name;
  }

  std::string topic_filter() {
    if (one_in(20))
      return "#";
    auto name = one_in(8) ? std::string{"$sys"} : filter_level();
    for (auto more = below(5); more > 0; --more)
      name += '/' + filter_level();
    if (one_in(4))
      name += "/#";
    return name.empty() ? "/" : name;
  }

  messaging::subscription subscription(std::size_t queues) {
    mqtt::subscription_options options;
    options.quality = static_cast<mqtt::qos>(below(3));
    options.no_local = one_in(3);
    options.retain_as_published = one_in(3);
    const auto number = static_cast<std::uint32_t>(below(queues));
    const messaging::queue_id queue{static_cast<std::uint8_t>(number % 4), 1,
                                    number};
    return {queue, options, static_cast<std::uint32_t>(below(4))};
  }

  std::uint64_t random() { return random_(); }

private:
  std::string level() {
    static const std::string names[]{
      "",  "a", "b",  "ab",
      "c", "d", "$e", "a level that is too long to be stored inside a node"};
    return names[below(std::size(names))];
  }

  std::string filter_level() { return one_in(3) ? "+" : level(); }

  std::mt19937_64 random_;
};

inline mqtt::message_ptr retained(mqtt::bytes_view topic_name,
                                  mqtt::bytes_view payload,
                                  mqtt::bytes_view mountpoint = {},
                                  std::optional<mqtt::time_point> expiry = {}) {
  mqtt::message_fields fields;
  fields.mountpoint = mountpoint;
  fields.topic_name = topic_name;
  fields.payload = payload;
  fields.retain = true;
  fields.expires_at = expiry;
  return mqtt::message::make(fields);
}

} // namespace hetzel::test
