#include "actors/node/bound_listener.hpp"

namespace hetzel::node {

std::string to_string(const std::vector<bound_listener>& all) {
  std::string text;
  for (const auto& bound : all) {
    text += (text.empty() ? "" : ",") + bound.name + '=';
    if (bound.address.starts_with('/')) {
      text += "unix:" + bound.address;
      continue;
    }
    const bool is_v6 = bound.address.find(':') != std::string::npos;
    text += is_v6 ? '[' + bound.address + ']' : bound.address;
    text += ':' + std::to_string(bound.port);
  }
  return text;
}

} // namespace hetzel::node
