#include "plugins/files/plugin_file.hpp"

#include "actors/runtime/log.hpp"
#include "plugins/files/text_file.hpp"

namespace hetzel::plugins {

mqtt::expected<std::string, std::string> plugin_file::read() {
  if (!was_there_ && !stamp_of(path_)) {
    log::warning("plugin.no_file",
                 {{"plugin", plugin_}, {"file", path_.string()}});
    return std::string{};
  }
  auto text = read_text_file(path_);
  was_there_ = was_there_ || text.has_value();
  return text;
}

std::string plugin_file::sentence(const text_fault& fault) const {
  return path_.string() + ":" + std::to_string(fault.line) + ": " + fault.what;
}

} // namespace hetzel::plugins
