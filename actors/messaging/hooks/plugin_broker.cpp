#include "actors/messaging/hooks/plugin_broker.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/hooks/reauthorization.hpp"
#include "actors/messaging/queue.hpp"
#include "actors/messaging/site.hpp"
#include "plugins/api/modifier_rules.hpp"
#include "protocol/topic.hpp"

#include <memory>
#include <utility>

namespace hetzel::messaging {

namespace {

using mqtt::reason_code;

mqtt::message_ptr to_message(const plugins::internal_message& from,
                             mqtt::time_point now) {
  const auto coded = plugins::encode(from.properties);
  mqtt::message_fields fields;
  fields.mountpoint = from.mountpoint;
  fields.topic_name = from.topic_name;
  fields.payload = from.payload;
  fields.properties = coded;
  fields.quality = from.quality;
  fields.retain = from.retain;
  if (from.properties.message_expiry_interval)
    fields.expires_at = now + *from.properties.message_expiry_interval;
  return mqtt::message::make(fields);
}

reason_code publish_here(site& local, const plugins::internal_message& from) {
  plugins::publish_modifiers checked;
  checked.topic_name = from.topic_name;
  checked.payload = from.payload;
  checked.properties = from.properties;
  const mqtt::topic_limits any{0, 65'535};
  if (!plugins::check(checked, any).empty())
    return reason_code::topic_name_invalid;
  if (local.router.is_stalled())
    return reason_code::quota_exceeded;
  const auto message = to_message(from, local.home.now());
  const auto code = local.router.publish(message);
  if (message->retain())
    local.router.retain(message);
  local.router.flush();
  return code;
}

/// Runs `work(site, queue or null)` on the home reactor of that client.
template <class Work>
void at_home(exchange& node, const plugins::subscriber_id& whom, Work work) {
  subscriber_key key{whom.mountpoint, whom.client_id};
  auto& home = node.site_of(node.home_of(key));
  home.home.post([&home, key = std::move(key), work = std::move(work)] {
    const auto id = home.queues.find(key);
    work(home, id ? home.queues.find(id) : nullptr);
  });
}

} // namespace

void plugin_broker::disconnect(const plugins::subscriber_id& whom,
                               bool cleanup,
                               std::function<void(bool found)> done) {
  at_home(node_, whom, [cleanup, done = std::move(done)](site&, queue* owner) {
    if (owner && cleanup)
      owner->retire(reason_code::administrative_action);
    else if (owner)
      owner->end_session(reason_code::administrative_action);
    if (done)
      done(owner != nullptr);
  });
}

void plugin_broker::reauthorize(
  const plugins::subscriber_id& whom, std::optional<std::string> user_name,
  std::function<void(std::optional<plugins::reauthorized>)> done) {
  at_home(node_, whom,
          [user_name = std::move(user_name),
           done = std::move(done)](site& local, queue* owner) {
            if (owner)
              messaging::reauthorize(local, *owner, user_name, done);
            else
              done(std::nullopt);
          });
}

/// One reactor publishes for all plugins, so that their messages keep order.
void plugin_broker::publish(plugins::internal_message message,
                            std::function<void(reason_code)> done) {
  auto& first = node_.site_of(0);
  first.home.post([&first, done = std::move(done),
                   what = std::make_shared<const plugins::internal_message>(
                     std::move(message))] {
    const auto code = publish_here(first, *what);
    if (done)
      done(code);
  });
}

} // namespace hetzel::messaging
