#pragma once

#include "protocol/session/auth_method.hpp"

#include <memory>

namespace hetzel::node {

/// One enhanced authentication method, HETZEL-TEST, with which clients and
/// their libraries can be tried: the server sends the challenge "challenge",
/// the client answers with it reversed, and gets "welcome". It proves nothing,
/// so `enhanced_auth_test_method` is off unless it is asked for.
[[nodiscard]] std::unique_ptr<const mqtt::auth_methods>
make_test_auth_methods();

} // namespace hetzel::node
