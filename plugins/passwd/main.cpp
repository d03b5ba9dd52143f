#include "plugins/passwd/passwd_tool.hpp"

#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include <termios.h>
#include <unistd.h>

/// hetzel-passwd. Exit code 0: done; 1: could not; 2: asked for something that
/// there is not.

namespace {

using namespace hetzel;

/// The terminal shows nothing of what is typed until this goes.
class hidden_input {
public:
  hidden_input() noexcept
    : is_terminal_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!is_terminal_)
      return;
    auto hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  ~hidden_input() {
    if (is_terminal_)
      ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  hidden_input(const hidden_input&) = delete;
  hidden_input& operator=(const hidden_input&) = delete;

private:
  termios before_{};
  bool is_terminal_;
};

void say(mqtt::bytes_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

/// Byte by byte from the descriptor: a stream would keep a copy of the secret.
mqtt::expected<std::string, std::string> read_line(mqtt::bytes_view prompt) {
  const auto is_terminal = ::isatty(STDIN_FILENO) == 1;
  if (is_terminal)
    say(prompt);
  std::string line;
  line.reserve(256);
  char byte = 0;
  ::ssize_t count = 0;
  {
    const hidden_input quiet;
    while ((count = ::read(STDIN_FILENO, &byte, 1)) == 1 && byte != '\n')
      line += byte;
  }
  if (is_terminal)
    say("\n");
  if (count < 1 && line.empty())
    return mqtt::unexpected<std::string>("there is no password on standard "
                                         "input");
  if (line.ends_with('\r'))
    line.pop_back();
  return line;
}

int run(const std::vector<std::string_view>& arguments) {
  const auto command = plugins::parse_passwd_arguments(arguments);
  if (!command) {
    say("hetzel-passwd: " + command.error() + "\n\n");
    say(plugins::passwd_usage());
    return 2;
  }
  if (command->what == plugins::passwd_command::action::help) {
    say(plugins::passwd_usage());
    return 0;
  }
  const auto done = plugins::run_passwd(*command, read_line);
  const auto& text = done ? *done : done.error();
  if (!text.empty())
    say("hetzel-passwd: " + text + "\n");
  return done ? 0 : 1;
}

} // namespace

int main(int count, char** words) {
  try {
    return run({words + 1, words + count});
  } catch (const std::exception& why) {
    say(std::string{"hetzel-passwd: "} + why.what() + "\n");
    return 1;
  }
}
