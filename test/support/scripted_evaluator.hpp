#pragma once

#include "plugins/api/evaluator.hpp"

#include <functional>
#include <memory>

namespace hetzel::test {

/// A provider in place that does what the test says; an empty function says
/// `next`. Its functions are called by any reactor.
struct scripted_evaluator final : plugins::evaluator {
  plugins::hook_set named;
  std::function<plugins::register_verdict(const plugins::register_request&)>
    registering;
  std::function<plugins::publish_verdict(const plugins::publish_request&)>
    publishing;
  std::function<plugins::subscribe_verdict(const plugins::subscribe_request&)>
    subscribing;
  std::function<plugins::auth_verdict(const plugins::auth_request&,
                                      plugins::auth_state_ptr&)>
    authenticating;
  std::function<
    plugins::unsubscribe_verdict(const plugins::unsubscribe_request&)>
    unsubscribing;
  std::function<plugins::deliver_verdict(const plugins::deliver_request&)>
    delivering;
  /// Of a notification, by its name: "on_client_gone c".
  std::function<void(std::string_view, mqtt::bytes_view)> told;

  plugins::hook_set hooks() const noexcept override { return named; }

  plugins::register_verdict
  auth_on_register(const plugins::register_request& asked) const override {
    return registering ? registering(asked) : plugins::register_verdict{};
  }
  plugins::publish_verdict
  auth_on_publish(const plugins::publish_request& asked) const override {
    return publishing ? publishing(asked) : plugins::publish_verdict{};
  }
  plugins::subscribe_verdict
  auth_on_subscribe(const plugins::subscribe_request& asked) const override {
    return subscribing ? subscribing(asked) : plugins::subscribe_verdict{};
  }
  plugins::auth_verdict on_auth(const plugins::auth_request& asked,
                                plugins::auth_state_ptr& state) const override {
    return authenticating ? authenticating(asked, state)
                          : plugins::auth_verdict{};
  }
  plugins::unsubscribe_verdict
  on_unsubscribe(const plugins::unsubscribe_request& asked) const override {
    return unsubscribing ? unsubscribing(asked)
                         : plugins::unsubscribe_verdict{};
  }
  plugins::deliver_verdict
  on_deliver(const plugins::deliver_request& asked) const override {
    return delivering ? delivering(asked) : plugins::deliver_verdict{};
  }

  void on_register(const plugins::register_request& of) const override {
    tell("on_register", of.client.id.client_id);
  }
  void on_publish(const plugins::publish_request& of) const override {
    tell("on_publish", of.topic_name);
  }
  void on_subscribe(const plugins::subscribe_request& of) const override {
    for (const auto& one : of.topics)
      tell("on_subscribe", one.topic_filter);
  }
  void on_offline_message(const plugins::message_event& of) const override {
    tell("on_offline_message", of.topic_name);
  }
  void on_client_wakeup(const plugins::session_event& of) const override {
    tell("on_client_wakeup", of.id.client_id);
  }
  void on_client_offline(const plugins::session_event& of) const override {
    tell("on_client_offline", of.id.client_id);
  }
  void on_client_gone(const plugins::session_event& of) const override {
    tell("on_client_gone", of.id.client_id);
  }
  void on_session_expired(const plugins::session_event& of) const override {
    tell("on_session_expired", of.id.client_id);
  }
  void on_message_drop(const plugins::message_event& of) const override {
    tell("on_message_drop", plugins::to_string(of.reason));
  }
  void
  on_topic_unsubscribed(const plugins::unsubscribed_event& of) const override {
    if (of.is_all)
      tell("on_topic_unsubscribed", "all_topics");
    for (const auto filter : of.topic_filters)
      tell("on_topic_unsubscribed", filter);
  }
  void on_config_change(const plugins::config_event& of) const override {
    for (const auto key : of.keys)
      tell("on_config_change", key);
  }

private:
  void tell(std::string_view name, mqtt::bytes_view subject) const {
    if (told)
      told(name, subject);
  }
};

} // namespace hetzel::test
