#include "actors/node/command_line.hpp"

#include <CLI/CLI.hpp>

namespace hetzel::node {

mqtt::expected<command_line, int>
parse_command_line(int count, const char* const* words) {
  command_line out;
  bool check = false;
  bool print = false;
  CLI::App app{"An MQTT 3.1, 3.1.1 and 5.0 broker.", "hetzel"};
  app.set_version_flag("--version", "hetzel " HETZEL_VERSION);
  app.add_option("-c,--config", out.config_file, "The configuration, as YAML")
    ->type_name("FILE");
  app
    .add_option("--set", out.settings,
                "Sets one key; may be repeated. Prevails over HETZEL_<KEY> in "
                "the environment, and that over the file")
    ->type_name("KEY=VALUE")
    ->allow_extra_args(false);
  auto* checks = app.add_flag("--check-config", check,
                              "Only says what is wrong with the configuration");
  auto* prints = app.add_flag("--print-config", print,
                              "Only prints every key with its value in force");
  app
    .add_option("--describe-config", out.described_key,
                "Only tells about one key")
    ->type_name("KEY")
    ->excludes(checks)
    ->excludes(prints);
  prints->excludes(checks);
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& stop) {
    return mqtt::unexpected(app.exit(stop) == 0 ? 0 : exit_usage);
  }
  if (check)
    out.what = task::check_config;
  else if (print)
    out.what = task::print_config;
  else if (!out.described_key.empty())
    out.what = task::describe_config;
  return out;
}

} // namespace hetzel::node
