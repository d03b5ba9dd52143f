#pragma once

#include "actors/runtime/introspection.hpp"
#include "plugins/api/hook.hpp"
#include "plugins/api/owned_request.hpp"
#include "plugins/api/verdict.hpp"
#include "plugins/type_ids.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>
#include <variant>

namespace hetzel::plugins {

/// What an asynchronous provider is asked. `which` tells what `question` is
/// about; two hooks may have one kind of request.
struct hook_call {
  using content
    = std::variant<owned_request<register_request>,
                   owned_request<publish_request>,
                   owned_request<subscribe_request>,
                   owned_request<auth_request>,
                   owned_request<unsubscribe_request>,
                   owned_request<deliver_request>>;

  template <class Request>
  hook_call(hook asked, const Request& source)
    : which(asked),
      question(std::in_place_type<owned_request<Request>>, source) {}

  /// Precondition: the call is about that kind of request.
  template <class Request>
  [[nodiscard]] const Request& get() const {
    return std::get<owned_request<Request>>(question).get();
  }

  hook which;
  content question;
};

/// A verdict of the kind that the hook asks for; another one is an error.
struct hook_answer {
  std::variant<register_verdict, publish_verdict, subscribe_verdict,
               auth_verdict, unsubscribe_verdict, deliver_verdict>
    said;
};

template <class Modifiers>
[[nodiscard]] hook_answer_ptr answer(verdict<Modifiers> said) {
  return std::make_shared<const hook_answer>(hook_answer{std::move(said)});
}

/// What an asynchronous provider is told. While it lives it counts among the
/// notices under way to that provider, which are bounded.
struct hook_notice {
  using content
    = std::variant<owned_request<register_request>,
                   owned_request<publish_request>,
                   owned_request<subscribe_request>,
                   owned_request<session_event>, owned_request<message_event>,
                   owned_request<unsubscribed_event>,
                   owned_request<config_event>>;
  using counter_ptr = std::shared_ptr<std::atomic<std::size_t>>;

  template <class Event>
  hook_notice(hook told, const Event& source, counter_ptr counter)
    : which(told),
      event(std::in_place_type<owned_request<Event>>, source),
      under_way(std::move(counter)) {
    under_way->fetch_add(1, std::memory_order_relaxed);
  }
  ~hook_notice() { under_way->fetch_sub(1, std::memory_order_relaxed); }
  hook_notice(const hook_notice&) = delete;
  hook_notice& operator=(const hook_notice&) = delete;

  /// Precondition: the notice is about that kind of event.
  template <class Event>
  [[nodiscard]] const Event& get() const {
    return std::get<owned_request<Event>>(event).get();
  }

  hook which;
  content event;
  counter_ptr under_way;
};

/// A provider that answers later: an actor of a plugin. The session that asked
/// pauses until the answer, or until the timeout with which it was offered.
/// Messages:    hook_call (answers with a verdict), hook_notice (one-way).
/// Owns:        what its plugin needs.
/// Supervision: of its plugin, below the plugin host.
/// On failure:  who waits gets an error verdict, at once.
using hook_actor = runtime::introspectable::extend<
  caf::result<hook_answer_ptr>(hook_call_ptr),
  caf::result<void>(hook_notice_ptr)>;

} // namespace hetzel::plugins
