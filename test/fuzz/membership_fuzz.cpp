#include "cluster/membership/admission.hpp"
#include "cluster/membership/handshake.hpp"
#include "cluster/membership/local_record.hpp"
#include "cluster/membership/membership_codec.hpp"
#include "cluster/membership/state_codec.hpp"
#include "protocol/assert.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

/// A letter and bytes of a peer or of a disk: 'm' a message, 's' a state, 'l'
/// what a node remembers. What is taken keeps the limits, comes back from its
/// own encoding as it was, and can be merged, judged and answered.

using namespace hetzel::cluster;

namespace {

std::string encoded(const cluster_state& state) {
  std::string bytes;
  byte_writer out{bytes};
  encode(out, state);
  return bytes;
}

void check_state(const cluster_state& state) {
  HETZEL_ASSERT(state.members.size() <= members_max);
  for (auto& [store, one] : state.members) {
    HETZEL_ASSERT(store != store_id{} && one.store == store);
    HETZEL_ASSERT(is_valid(one.facts));
  }
  auto twice = state;
  HETZEL_ASSERT(!twice.merge(state) && twice == state);
  cluster_state fresh;
  fresh.params = state.params;
  fresh.merge(state);
  HETZEL_ASSERT(fresh == state && version_of(fresh) == version_of(state));
  std::set<store_id> all;
  for (auto store : state.members.active())
    all.insert(store);
  HETZEL_ASSERT(from_bitmap(state.members, to_bitmap(state.members, all))
                == all);
  (void) state.members.retired_actors();
}

void try_state(std::string_view bytes) {
  byte_reader in{bytes};
  auto state = decode_state(in);
  if (in.finish() != errc::none)
    return;
  check_state(state);
  HETZEL_ASSERT(encoded(state) == bytes);
}

/// A cluster of stores 1 to 3, named n, nn and nnn, the last one removed.
cluster_state some_state() {
  cluster_state state;
  state.params.id = {7, 9};
  for (std::uint64_t n = 1; n <= 3; ++n) {
    member one{store_id{n}, n == 3 ? member_state::removed : member_state::up,
               {}};
    one.facts.opened = generation{1};
    one.facts.name = std::string(n, 'n');
    one.facts.actor = actor_id{n};
    state.members.merge(one);
  }
  return state;
}

void check_join(const join_request& request) {
  auto state = some_state();
  std::set<store_id> reachable{store_id{2}};
  auto change = admit(request, {store_id{1}, {1, 1}, state, reachable});
  if (!change) {
    HETZEL_ASSERT(!sentence(change.error().why).empty());
    return;
  }
  HETZEL_ASSERT(change->is_member(request.store));
  state.members.merge(*change);
  HETZEL_ASSERT(state.members.is_member(request.store));
  HETZEL_ASSERT(state.members.is_removed(store_id{3}));
}

void try_message(std::string_view bytes) {
  auto message = decode_membership(bytes);
  if (!message)
    return;
  HETZEL_ASSERT(encode_membership(*message) == bytes);
  auto& body = message->body;
  if (auto* push = std::get_if<members_push>(&body))
    check_state(push->state);
  if (auto* join = std::get_if<join_request>(&body))
    check_join(*join);
  if (auto* greeting = std::get_if<hello>(&body)) {
    auto state = some_state();
    handshake link{hello{store_id{1}, generation{1}, "n", {7, 9}, 1, {1, 1},
                         16, 256, {}},
                   nullptr};
    auto ack = link.on_hello(*greeting, &state);
    HETZEL_ASSERT(link.on_ack({}) >= ack.verdict);
  }
}

void try_record(std::string_view bytes) {
  auto record = decode_local_record(bytes);
  if (!record)
    return;
  check_state(record->state);
  HETZEL_ASSERT(encode_local_record(*record) == bytes);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (text.empty())
    return 0;
  auto rest = text.substr(1);
  switch (text[0]) {
    case 's':
      try_state(rest);
      break;
    case 'l':
      try_record(rest);
      break;
    default:
      try_message(rest);
  }
  return 0;
}
