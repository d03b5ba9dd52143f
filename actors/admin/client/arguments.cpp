#include "actors/admin/client/arguments.hpp"

#include <charconv>
#include <cstdint>

namespace hetzel::admin {

namespace {

using result = mqtt::expected<ctl_arguments, std::string>;

/// What the options said so far.
struct options_read {
  ctl_arguments out;
  std::optional<std::string> data_dir;
  std::optional<std::string> socket;
};

/// The sentence of a mistake; empty: none.
std::string set_option(options_read& to, const std::string& name,
                       const std::string& text) {
  if (name == "--data-dir" || name == "-d") {
    to.data_dir = text;
  } else if (name == "--socket" || name == "-s") {
    to.socket = text;
  } else if (name == "--timeout" || name == "-t") {
    std::uint32_t seconds = 0;
    const auto* end = text.data() + text.size();
    if (std::from_chars(text.data(), end, seconds).ptr != end || seconds == 0)
      return name + " needs a number of seconds";
    to.out.patience = std::chrono::seconds{seconds};
  } else {
    return "no option " + name;
  }
  return {};
}

/// As the node understands the two keys.
std::filesystem::path
socket_of(const options_read& read, const environment_lookup& environment) {
  const auto variable = [&](const char* name) -> std::optional<std::string> {
    const auto* text = environment(name);
    return text && *text ? std::optional<std::string>{text} : std::nullopt;
  };
  if (read.socket)
    return *read.socket;
  const std::filesystem::path folder{
    read.data_dir ? *read.data_dir
                  : variable("HETZEL_DATA_DIR").value_or("./data")};
  const auto named = read.data_dir ? std::nullopt
                                   : variable("HETZEL_CONTROL_SOCKET");
  return folder / named.value_or("control.sock");
}

} // namespace

const std::string_view ctl_usage
  = "hetzelctl [OPTION…] COMMAND [ARGUMENT…]\n"
    "\n"
    "Asks a running node; `hetzelctl help` lists what can be asked.\n"
    "\n"
    "  -d, --data-dir DIR   the node's data directory, by default\n"
    "                       $HETZEL_DATA_DIR or ./data\n"
    "  -s, --socket FILE    its control socket, by default control.sock there\n"
    "  -t, --timeout SECONDS  how long to wait for a line of the answer;\n"
    "                       by default as long as the node takes\n"
    "      --version\n"
    "  -h, --help\n"
    "\n"
    "Exit codes: 0 done; 1 it failed; 2 the command makes no sense; 3 no node\n"
    "answers.\n";

result parse_ctl_arguments(const std::vector<std::string>& words,
                           const environment_lookup& environment) {
  options_read read;
  std::size_t at = 0;
  for (; at < words.size() && words[at].starts_with('-'); ++at) {
    if (words[at] == "--help" || words[at] == "-h") {
      read.out.what = ctl_arguments::task::help;
      return read.out;
    }
    if (words[at] == "--version") {
      read.out.what = ctl_arguments::task::version;
      return read.out;
    }
    const auto equals = words[at].find('=');
    const bool is_joined = equals != std::string::npos;
    const auto name = words[at].substr(0, equals);
    if (!is_joined && at + 1 == words.size())
      return mqtt::unexpected(name + " needs a value");
    const auto text = is_joined ? words[at].substr(equals + 1) : words[++at];
    if (auto mistake = set_option(read, name, text); !mistake.empty())
      return mqtt::unexpected(std::move(mistake));
  }
  read.out.words.assign(words.begin() + static_cast<std::ptrdiff_t>(at),
                        words.end());
  if (read.out.words.empty())
    return mqtt::unexpected<std::string>("no command");
  read.out.socket = socket_of(read, environment);
  return read.out;
}

} // namespace hetzel::admin
