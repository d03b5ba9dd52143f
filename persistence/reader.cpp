#include "persistence/reader.hpp"

namespace hetzel::persistence {

std::string behind_prefix(std::string_view prefix) {
  while (!prefix.empty() && prefix.back() == '\xff')
    prefix.remove_suffix(1);
  std::string key(prefix);
  if (!key.empty())
    key.back() = static_cast<char>(static_cast<unsigned char>(key.back()) + 1);
  return key;
}

} // namespace hetzel::persistence
