#include "actors/runtime/resident_memory.hpp"

#include <cstdio>

#include <unistd.h>

namespace hetzel::runtime {

std::size_t resident_memory() noexcept {
  auto* const file = std::fopen("/proc/self/statm", "re");
  if (!file)
    return 0;
  unsigned long size = 0;
  unsigned long resident = 0;
  const int read = std::fscanf(file, "%lu %lu", &size, &resident);
  std::fclose(file);
  const auto page = ::sysconf(_SC_PAGESIZE);
  return read == 2 && page > 0 ? resident * static_cast<std::size_t>(page) : 0;
}

} // namespace hetzel::runtime
