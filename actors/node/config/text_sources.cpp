#include "actors/node/config/text_sources.hpp"

#include "actors/node/config/scalar.hpp"

#include <cctype>

namespace hetzel::node {

namespace {

std::string key_of_variable(std::string_view name) {
  std::string key;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name.substr(i, 2) == "__") {
      key += '.';
      ++i;
    } else {
      const auto letter = static_cast<unsigned char>(name[i]);
      key += static_cast<char>(std::tolower(letter));
    }
  }
  return key;
}

} // namespace

settings_read read_environment(const char* const* environment) {
  settings_read out;
  for (auto entry = environment; *entry; ++entry) {
    const std::string_view variable = *entry;
    if (!variable.starts_with(environment_prefix))
      continue;
    const auto equals = variable.find('=');
    if (equals == std::string_view::npos)
      continue;
    const auto name = variable.substr(0, equals);
    out.settings.push_back({key_of_variable(
                              name.substr(environment_prefix.size())),
                            std::string(variable.substr(equals + 1)),
                            source_kind::environment, std::string(name)});
  }
  return out;
}

settings_read read_argument(std::string_view argument) {
  const auto equals = argument.find('=');
  const auto key = trim(argument.substr(0, equals));
  if (equals == std::string_view::npos || key.empty())
    return {{}, {{"--set", std::string(key), "is not of the form key=value"}}};
  return {{{std::string(key), std::string(argument.substr(equals + 1)),
            source_kind::argument, "--set"}},
          {}};
}

} // namespace hetzel::node
