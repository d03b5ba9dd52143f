#pragma once

#include "plugins/api/modifiers.hpp"
#include "protocol/reason_code.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace hetzel::plugins {

enum class outcome : unsigned char {
  next,  ///< no opinion: the next provider of the chain is asked
  ok,    ///< yes, or changed as the modifiers say; nobody else is asked
  error, ///< no; nobody else is asked
};

/// What a refused client of 5.0 may be told beside the code; empty: nothing.
struct refusal_text {
  std::string reason_string;
  std::string server_reference; ///< of CONNACK only
};

/// What a provider says to a hook that decides or changes. Cheap to make and
/// to copy; `next` and `ok` allocate nothing.
template <class Modifiers>
struct verdict {
  outcome result = outcome::next;
  /// Of an error; `success` stands for the hook's own: CONNACK 5 or 0x86,
  /// PUBACK 0x87, SUBACK 0x80 or 0x87.
  mqtt::reason_code code = mqtt::reason_code::success;
  /// How long the asker may take this answer for the same question, within this
  /// connection; 0: not. Looked at by `auth_on_publish` (per topic name, QoS
  /// and RETAIN) and `auth_on_subscribe` (per filter and QoS).
  std::chrono::milliseconds cache_for{0};
  /// Of `ok`; null: none.
  std::shared_ptr<const Modifiers> modifiers;
  /// Of an error; null: none.
  std::shared_ptr<const refusal_text> text;

  [[nodiscard]] static verdict next() noexcept { return {}; }

  [[nodiscard]] static verdict ok() noexcept {
    verdict made;
    made.result = outcome::ok;
    return made;
  }

  [[nodiscard]] static verdict ok(Modifiers changes) {
    auto made = ok();
    made.modifiers = std::make_shared<const Modifiers>(std::move(changes));
    return made;
  }

  [[nodiscard]] static verdict
  error(mqtt::reason_code code = mqtt::reason_code::success) noexcept {
    verdict made;
    made.result = outcome::error;
    made.code = code;
    return made;
  }

  [[nodiscard]] static verdict error(mqtt::reason_code code,
                                     refusal_text text) {
    auto made = error(code);
    made.text = std::make_shared<const refusal_text>(std::move(text));
    return made;
  }

  [[nodiscard]] verdict cached(std::chrono::milliseconds duration) && {
    cache_for = duration;
    return std::move(*this);
  }
};

using register_verdict = verdict<register_modifiers>;
using publish_verdict = verdict<publish_modifiers>;
using subscribe_verdict = verdict<subscribe_modifiers>;
using unsubscribe_verdict = verdict<unsubscribe_modifiers>;
using deliver_verdict = verdict<deliver_modifiers>;
/// `ok` without modifiers is success without data.
using auth_verdict = verdict<auth_modifiers>;

} // namespace hetzel::plugins
