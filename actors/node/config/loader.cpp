#include "actors/node/config/loader.hpp"

#include "actors/node/config/text_sources.hpp"
#include "actors/node/config/yaml_source.hpp"

namespace hetzel::node {

mqtt::expected<configuration, std::vector<problem>>
load(const config_sources& from) {
  std::vector<settings_read> sources;
  if (!from.file.empty())
    sources.push_back(read_yaml(from.file));
  if (from.environment)
    sources.push_back(read_environment(from.environment));
  for (const auto& argument : from.arguments)
    sources.push_back(read_argument(argument));
  return resolve(sources);
}

} // namespace hetzel::node
