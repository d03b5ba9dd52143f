#include "actors/node/file_limit.hpp"

#include <algorithm>

#include <sys/resource.h>

namespace hetzel::node {

std::size_t raise_file_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return 1'024;
  const auto before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
    return before;
  return limit.rlim_cur;
}

std::vector<std::string> cap_connections(node_config& config,
                                         std::size_t limit) {
  const auto most
    = std::max(limit, descriptors_reserved + 1) - descriptors_reserved;
  std::vector<std::string> lowered;
  for (auto& listener : config.listeners) {
    if (listener.max_connections <= most)
      continue;
    listener.max_connections = most;
    lowered.push_back(listener.name);
  }
  return lowered;
}

} // namespace hetzel::node
