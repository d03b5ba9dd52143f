#include "test/support/child_role.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace hetzel::test {

namespace {

constexpr int line_descriptor = 3;
constexpr int wait_descriptor = 4;
constexpr auto prefix = "HETZEL_CHILD_";

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw std::runtime_error("no pipe");
  return ends;
}

} // namespace

child_role::child_role(const std::string& test_case,
                       const std::map<std::string, std::string>& words) {
  const auto lines = make_pipe();
  const auto waits = make_pipe();
  std::vector<std::string> variables;
  for (const auto& [name, value] : words)
    variables.push_back(prefix + name + "=" + value);
  std::vector<char*> environment;
  for (auto& variable : variables)
    environment.push_back(variable.data());
  for (char** at = environ; *at != nullptr; ++at)
    environment.push_back(*at);
  environment.push_back(nullptr);
  // Commas part the patterns of doctest's filter.
  std::string filter = "--test-case=" + test_case;
  std::string all = "--no-skip";
  std::string quiet = "--minimal";
  std::string self = "/proc/self/exe";
  const std::array<char*, 5> arguments{self.data(), filter.data(), all.data(),
                                       quiet.data(), nullptr};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  // Through high numbers: the ends may have the wanted numbers already.
  ::posix_spawn_file_actions_adddup2(&actions, lines[1], 100);
  ::posix_spawn_file_actions_adddup2(&actions, waits[0], 101);
  ::posix_spawn_file_actions_adddup2(&actions, 100, line_descriptor);
  ::posix_spawn_file_actions_adddup2(&actions, 101, wait_descriptor);
  ::posix_spawn_file_actions_addclose(&actions, 100);
  ::posix_spawn_file_actions_addclose(&actions, 101);
  const int failure = ::posix_spawn(&id_, self.c_str(), &actions, nullptr,
                                    arguments.data(), environment.data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(lines[1]);
  ::close(waits[0]);
  from_ = lines[0];
  to_ = waits[1];
  if (failure != 0)
    throw std::runtime_error("the child does not start");
}

child_role::~child_role() {
  if (id_ > 0)
    kill();
  ::close(from_);
  ::close(to_);
}

std::string child_role::next_line() {
  for (;;) {
    if (const auto end = buffer_.find('\n'); end != std::string::npos) {
      auto line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    std::array<char, 4096> piece{};
    const auto got = ::read(from_, piece.data(), piece.size());
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return {};
    buffer_.append(piece.data(), static_cast<std::size_t>(got));
  }
}

void child_role::kill() {
  ::kill(id_, SIGKILL);
  wait();
}

std::vector<std::string> child_role::rest(int* exit_code) {
  std::vector<std::string> lines;
  for (auto line = next_line(); !line.empty(); line = next_line())
    lines.push_back(line);
  if (id_ > 0)
    wait();
  if (exit_code != nullptr)
    *exit_code = WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
  return lines;
}

void child_role::wait() {
  while (::waitpid(id_, &status_, 0) < 0 && errno == EINTR)
    continue;
  id_ = -1;
}

std::string child_word(const std::string& name) {
  const char* value = std::getenv((prefix + name).c_str());
  return value == nullptr ? std::string() : value;
}

void child_says(const std::string& line) {
  const auto bytes = line + "\n";
  if (::write(line_descriptor, bytes.data(), bytes.size())
      != static_cast<ssize_t>(bytes.size()))
    std::_Exit(3);
}

void child_waits() {
  char byte = 0;
  while (::read(wait_descriptor, &byte, 1) < 0 && errno == EINTR)
    continue;
}

} // namespace hetzel::test
