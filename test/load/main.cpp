#include "test/load/endpoint.hpp"
#include "test/load/options.hpp"
#include "test/load/scenarios.hpp"

#include <exception>
#include <iostream>
#include <string>
#include <variant>

namespace {

using namespace hetzel::test::load;

std::string title_of(const options& chosen) {
  using hetzel::mqtt::protocol_version;
  const auto* version = chosen.version == protocol_version::v5 ? "5" : "3.1.1";
  if (chosen.version == protocol_version::v3_1)
    version = "3.1";
  return std::string{to_string(chosen.kind)}
         + " clients=" + std::to_string(chosen.clients)
         + " qos=" + std::to_string(static_cast<int>(chosen.quality))
         + " size=" + std::to_string(chosen.size)
         + " window=" + std::to_string(chosen.window) + " version=" + version;
}

} // namespace

/// Exit codes: 0 all is well, 1 the server broke a promise of the protocol or
/// could not be reached, 2 the command line is wrong.
int main(int argc, char** argv) {
  const auto parsed = parse_options(argc, argv);
  if (const auto* const usage = std::get_if<usage_exit>(&parsed)) {
    (usage->code == 0 ? std::cout : std::cerr) << usage->text;
    return usage->code;
  }
  const auto& chosen = std::get<options>(parsed);
  raise_descriptor_limit();
  try {
    const auto found = run(chosen);
    const auto title = title_of(chosen);
    std::cout << (chosen.json ? found.to_json(title) : found.to_text(title));
    return found.is_clean() ? 0 : 1;
  } catch (const std::exception& why) {
    std::cerr << "hetzel-bench: " << why.what() << '\n';
    return 1;
  }
}
