#pragma once

#include "plugins/api/broker.hpp"

namespace hetzel::messaging {

class exchange;

/// What the node does for plugins: on the reactor of whom it is about.
class plugin_broker final : public plugins::broker {
public:
  /// `node` must outlive it, and all plugins.
  explicit plugin_broker(exchange& node) noexcept : node_(node) {}

  void disconnect(const plugins::subscriber_id& whom, bool cleanup,
                  std::function<void(bool found)> done) override;

  void reauthorize(
    const plugins::subscriber_id& whom, std::optional<std::string> user_name,
    std::function<void(std::optional<plugins::reauthorized>)> done) override;

  /// `quota_exceeded`: receivers are so far behind that publishers rest.
  void publish(plugins::internal_message message,
               std::function<void(mqtt::reason_code)> done) override;

private:
  exchange& node_;
};

} // namespace hetzel::messaging
