#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hetzel::node {

/// A listener as it was bound: the port is the real one.
struct bound_listener {
  std::string name;
  std::string address;
  std::uint16_t port = 0;
};

/// "tcp.default=127.0.0.1:1883,tcp.other=[::1]:1884"
[[nodiscard]] std::string to_string(const std::vector<bound_listener>& all);

} // namespace hetzel::node
