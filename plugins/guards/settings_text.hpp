#pragma once

#include <filesystem>
#include <sstream>
#include <string>

namespace hetzel::plugins {

/// One text for all the settings of a plugin, which differs when one of them
/// does.
template <class... Settings>
[[nodiscard]] std::string settings_text(const Settings&... settings) {
  std::ostringstream text;
  // The sizes keep texts with a separator in them apart.
  const auto add = [&](const std::string& one) {
    text << one.size() << ':' << one << ';';
  };
  const auto coded = [](const auto& one) {
    std::ostringstream out;
    out << one;
    return out.str();
  };
  (add(coded(settings)), ...);
  return text.str();
}

} // namespace hetzel::plugins
