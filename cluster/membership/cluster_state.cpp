#include "cluster/membership/cluster_state.hpp"

#include "cluster/membership/state_codec.hpp"
#include "protocol/assert.hpp"

#include <string>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace hetzel::cluster {

bool cluster_state::merge(const cluster_state& other) {
  HETZEL_ASSERT(params == other.params);
  auto changed = members.merge(other.members);
  return voids.merge(other.voids) || changed;
}

std::uint64_t version_of(const cluster_state& state) {
  std::string bytes;
  byte_writer out{bytes};
  encode(out, state);
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t version_of(const member_map& members) {
  std::string bytes;
  byte_writer out{bytes};
  encode(out, members);
  return XXH3_64bits(bytes.data(), bytes.size());
}

} // namespace hetzel::cluster
