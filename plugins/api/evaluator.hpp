#pragma once

#include "plugins/api/requests.hpp"
#include "plugins/api/verdict.hpp"

#include <memory>

namespace hetzel::plugins {

/// What a provider keeps with one client for the steps of one exchange of
/// enhanced authentication. It belongs to the connection, and dies with the
/// exchange.
class auth_state {
public:
  virtual ~auth_state() = default;
};

using auth_state_ptr = std::unique_ptr<auth_state>;

/// A provider that is called in place, by any reactor, at any time, by several
/// at once: an immutable snapshot, like a password table or a list of rules.
/// When what it stands on changes, its plugin publishes another one
/// (`plugin_port::publish`); a call that is under way ends on the old one.
///
/// Every function is called within the path of a packet: it must neither block
/// nor take long (about a microsecond per PUBLISH; what takes milliseconds,
/// like a password hash, belongs into an actor). An exception is an error
/// verdict, and logged. Only what `hooks` names is called.
class evaluator {
public:
  virtual ~evaluator() = default;

  /// The same at every call.
  [[nodiscard]] virtual hook_set hooks() const noexcept = 0;

  // -- decisions and changes --------------------------------------------------

  [[nodiscard]] virtual register_verdict
  auth_on_register(const register_request&) const {
    return {};
  }

  [[nodiscard]] virtual publish_verdict
  auth_on_publish(const publish_request&) const {
    return {};
  }

  [[nodiscard]] virtual subscribe_verdict
  auth_on_subscribe(const subscribe_request&) const {
    return {};
  }

  /// A step. The first one that does not say `next` to the first step gets all
  /// further ones of that exchange, with the `state` that it left.
  [[nodiscard]] virtual auth_verdict on_auth(const auth_request&,
                                             auth_state_ptr& state) const {
    static_cast<void>(state);
    return {};
  }

  [[nodiscard]] virtual unsubscribe_verdict
  on_unsubscribe(const unsubscribe_request&) const {
    return {};
  }

  [[nodiscard]] virtual deliver_verdict
  on_deliver(const deliver_request&) const {
    return {};
  }

  // -- notifications ----------------------------------------------------------

  virtual void on_register(const register_request&) const {}
  virtual void on_publish(const publish_request&) const {}
  virtual void on_subscribe(const subscribe_request&) const {}
  virtual void on_offline_message(const message_event&) const {}
  virtual void on_client_wakeup(const session_event&) const {}
  virtual void on_client_offline(const session_event&) const {}
  virtual void on_client_gone(const session_event&) const {}
  virtual void on_session_expired(const session_event&) const {}
  virtual void on_message_drop(const message_event&) const {}
  virtual void on_topic_unsubscribed(const unsubscribed_event&) const {}
  virtual void on_config_change(const config_event&) const {}
};

using evaluator_ptr = std::shared_ptr<const evaluator>;

} // namespace hetzel::plugins
