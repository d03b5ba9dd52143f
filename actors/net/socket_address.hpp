#pragma once

#include <string>

struct sockaddr_storage;

namespace hetzel::net {

/// "127.0.0.1:1883", "[::1]:1883"; "?" for another family.
[[nodiscard]] std::string to_string(const sockaddr_storage& address);

} // namespace hetzel::net
