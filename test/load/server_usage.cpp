#include "test/load/server_usage.hpp"

#include <time.h>

#include <fstream>
#include <limits>
#include <string>

namespace hetzel::test::load {

namespace {

std::optional<std::chrono::nanoseconds> cpu_of(int pid) noexcept {
  clockid_t clock{};
  timespec used{};
  // Nanoseconds, where /proc/PID/stat would give ticks of 10 ms.
  if (::clock_getcpuclockid(pid, &clock) != 0
      || ::clock_gettime(clock, &used) != 0)
    return std::nullopt;
  return std::chrono::seconds{used.tv_sec}
         + std::chrono::nanoseconds{used.tv_nsec};
}

// The number of kB after `name` in a file of "name: 123 kB" lines.
std::uint64_t bytes_of(const std::string& path, const std::string& name) {
  std::ifstream file{path};
  std::string word;
  while (file >> word) {
    std::uint64_t kilobytes = 0;
    if (word == name && file >> kilobytes)
      return kilobytes * 1024;
    file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return 0;
}

} // namespace

std::optional<server_usage> read_usage(int pid) {
  const auto cpu = cpu_of(pid);
  if (!cpu)
    return std::nullopt;
  const auto proc = "/proc/" + std::to_string(pid);
  return server_usage{*cpu, bytes_of(proc + "/status", "VmRSS:"),
                      bytes_of(proc + "/smaps_rollup", "Pss:")};
}

std::chrono::nanoseconds own_cpu() noexcept {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return std::chrono::seconds{used.tv_sec}
         + std::chrono::nanoseconds{used.tv_nsec};
}

} // namespace hetzel::test::load
