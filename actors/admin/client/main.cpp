#include "actors/admin/client/arguments.hpp"
#include "actors/admin/client/control_client.hpp"

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

namespace hetzel::admin {

namespace {

/// As `ctl_usage` tells them.
constexpr int exit_failed = 1;
constexpr int exit_usage = 2;
constexpr int exit_unreachable = 3;

int complain(const std::string& what, int code) {
  std::cerr << "hetzelctl: " << what << '\n';
  return code;
}

/// The command with the folder in front that its paths are relative to.
std::vector<std::string> request_of(const ctl_arguments& asked) {
  std::vector<std::string> words;
  std::error_code nowhere;
  const auto folder = std::filesystem::current_path(nowhere);
  if (!nowhere)
    words.push_back('@' + folder.string());
  words.insert(words.end(), asked.words.begin(), asked.words.end());
  return words;
}

int ask(const ctl_arguments& asked) {
  auto node = control_client::connect(asked.socket, asked.patience);
  if (!node)
    return complain(node.error(), exit_unreachable);
  const auto ended = node->ask(request_of(asked), [](std::string_view text) {
    std::cout << text << std::endl;
  });
  if (!ended)
    return complain(ended.error(), exit_unreachable);
  switch (ended->how) {
    case outcome::ok:
      return std::cout ? 0 : exit_failed;
    case outcome::usage:
      return complain(ended->sentence, exit_usage);
    case outcome::failed:
      return complain(ended->sentence, exit_failed);
  }
  return exit_failed;
}

int perform(const std::vector<std::string>& words) {
  const auto asked = parse_ctl_arguments(
    words, [](const char* name) { return std::getenv(name); });
  if (!asked) {
    std::cerr << "hetzelctl: " << asked.error() << "\n\n" << ctl_usage;
    return exit_usage;
  }
  switch (asked->what) {
    case ctl_arguments::task::help:
      std::cout << ctl_usage;
      return 0;
    case ctl_arguments::task::version:
      std::cout << "hetzelctl " HETZEL_VERSION "\n";
      return 0;
    case ctl_arguments::task::ask:
      break;
  }
  return ask(*asked);
}

} // namespace

} // namespace hetzel::admin

int main(int count, char** words) {
  try {
    return hetzel::admin::perform({words + 1, words + count});
  } catch (const std::exception& error) {
    return hetzel::admin::complain(error.what(),
                                   hetzel::admin::exit_failed);
  }
}
