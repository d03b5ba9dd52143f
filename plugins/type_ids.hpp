#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_id.hpp>

#include <memory>

namespace hetzel::plugins {

struct hook_answer;
struct hook_call;
struct hook_notice;
struct plugin_choice;
struct plugin_offer;
struct password_check;

using hook_answer_ptr = std::shared_ptr<const hook_answer>;
using hook_call_ptr = std::shared_ptr<const hook_call>;
using hook_notice_ptr = std::shared_ptr<const hook_notice>;
using plugin_choice_ptr = std::shared_ptr<const plugin_choice>;
using plugin_offer_ptr = std::shared_ptr<const plugin_offer>;
using password_check_ptr = std::shared_ptr<const password_check>;

} // namespace hetzel::plugins

// Fixed base, append only: the numbers are wire format between nodes.
CAF_BEGIN_TYPE_ID_BLOCK(hetzel_plugins, 300)

  CAF_ADD_TYPE_ID(hetzel_plugins, (hetzel::plugins::hook_answer_ptr))
  CAF_ADD_TYPE_ID(hetzel_plugins, (hetzel::plugins::hook_call_ptr))
  CAF_ADD_TYPE_ID(hetzel_plugins, (hetzel::plugins::hook_notice_ptr))
  CAF_ADD_TYPE_ID(hetzel_plugins, (hetzel::plugins::plugin_choice_ptr))
  CAF_ADD_TYPE_ID(hetzel_plugins, (hetzel::plugins::plugin_offer_ptr))

  CAF_ADD_ATOM(hetzel_plugins, hetzel::plugins, enable_atom)
  CAF_ADD_ATOM(hetzel_plugins, hetzel::plugins, disable_atom)

  CAF_ADD_TYPE_ID(hetzel_plugins, (hetzel::plugins::password_check_ptr))

  CAF_ADD_ATOM(hetzel_plugins, hetzel::plugins, reload_atom)
  CAF_ADD_ATOM(hetzel_plugins, hetzel::plugins, tick_atom)
  CAF_ADD_ATOM(hetzel_plugins, hetzel::plugins, settle_atom)

CAF_END_TYPE_ID_BLOCK(hetzel_plugins)

// None of these leaves the process: they share memory.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::plugins::hook_answer_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::plugins::hook_call_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::plugins::hook_notice_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::plugins::plugin_choice_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::plugins::plugin_offer_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::plugins::password_check_ptr)

namespace hetzel::plugins {

/// Makes CAF know the message types of this folder. Once per program, before
/// the first actor system.
void register_types();

} // namespace hetzel::plugins
