#include "actors/node/config/setting.hpp"

namespace hetzel::node {

std::string problem::to_string() const {
  std::string line = place;
  if (!key.empty())
    line += (line.empty() ? "" : ": ") + key;
  return line + (line.empty() ? "" : ": ") + what;
}

} // namespace hetzel::node
