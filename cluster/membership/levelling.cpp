#include "cluster/membership/levelling.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::cluster {

std::vector<shard_no> levelling::begin(const void_map& asked,
                                       const level_map& done) {
  std::map<shard_no, level_map> wanted;
  for (auto& [at, column] : asked) {
    auto reached = done.find(at);
    if (column.level > (reached == done.end() ? 0 : reached->second))
      wanted[at.first][at] = column.level;
  }
  std::vector<shard_no> shards;
  for (auto& [shard, levels] : wanted)
    if (begun_.try_emplace(shard, std::move(levels)).second)
      shards.push_back(shard);
  return shards;
}

bool levelling::finish(shard_no shard, level_map& done) {
  auto found = begun_.find(shard);
  if (found == begun_.end())
    return false;
  for (auto& [at, level] : found->second) {
    auto& reached = done[at];
    reached = std::max(reached, level);
  }
  begun_.erase(found);
  return true;
}

} // namespace hetzel::cluster
