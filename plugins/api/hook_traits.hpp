#pragma once

#include "plugins/api/evaluator.hpp"

/// For each hook that decides or changes, at compile time: what is asked, and
/// what may be changed; for each notification what is told.

namespace hetzel::plugins {

template <class Request, class Modifiers>
struct question {
  using request = Request;
  using modifiers = Modifiers;
};

template <hook Which>
struct question_of;

template <>
struct question_of<hook::auth_on_register>
  : question<register_request, register_modifiers> {
  static constexpr auto ask = &evaluator::auth_on_register;
};
template <>
struct question_of<hook::auth_on_publish>
  : question<publish_request, publish_modifiers> {
  static constexpr auto ask = &evaluator::auth_on_publish;
};
template <>
struct question_of<hook::auth_on_subscribe>
  : question<subscribe_request, subscribe_modifiers> {
  static constexpr auto ask = &evaluator::auth_on_subscribe;
};
/// Is asked with a state, by who keeps that.
template <>
struct question_of<hook::on_auth> : question<auth_request, auth_modifiers> {};
template <>
struct question_of<hook::on_unsubscribe>
  : question<unsubscribe_request, unsubscribe_modifiers> {
  static constexpr auto ask = &evaluator::on_unsubscribe;
};
template <>
struct question_of<hook::on_deliver>
  : question<deliver_request, deliver_modifiers> {
  static constexpr auto ask = &evaluator::on_deliver;
};

template <hook Which>
using request_of = typename question_of<Which>::request;
template <hook Which>
using verdict_of = verdict<typename question_of<Which>::modifiers>;

template <class Event, void (evaluator::*Tell)(const Event&) const>
struct notice {
  using event = Event;
  static constexpr auto tell = Tell;
};

template <hook Which>
struct notice_of;

template <>
struct notice_of<hook::on_register>
  : notice<register_request, &evaluator::on_register> {};
template <>
struct notice_of<hook::on_publish>
  : notice<publish_request, &evaluator::on_publish> {};
template <>
struct notice_of<hook::on_subscribe>
  : notice<subscribe_request, &evaluator::on_subscribe> {};
template <>
struct notice_of<hook::on_offline_message>
  : notice<message_event, &evaluator::on_offline_message> {};
template <>
struct notice_of<hook::on_client_wakeup>
  : notice<session_event, &evaluator::on_client_wakeup> {};
template <>
struct notice_of<hook::on_client_offline>
  : notice<session_event, &evaluator::on_client_offline> {};
template <>
struct notice_of<hook::on_client_gone>
  : notice<session_event, &evaluator::on_client_gone> {};
template <>
struct notice_of<hook::on_session_expired>
  : notice<session_event, &evaluator::on_session_expired> {};
template <>
struct notice_of<hook::on_message_drop>
  : notice<message_event, &evaluator::on_message_drop> {};
template <>
struct notice_of<hook::on_topic_unsubscribed>
  : notice<unsubscribed_event, &evaluator::on_topic_unsubscribed> {};
template <>
struct notice_of<hook::on_config_change>
  : notice<config_event, &evaluator::on_config_change> {};

template <hook Which>
using event_of = typename notice_of<Which>::event;

} // namespace hetzel::plugins
