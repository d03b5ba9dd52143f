#include "cluster/membership/handshake.hpp"

#include "cluster/membership/membership_codec.hpp"
#include "cluster/wire/byte_writer.hpp"

#include <algorithm>

namespace hetzel::cluster {

namespace {

/// Takes as long for wrong proofs as for right ones.
bool is_equal(const hello_proof& a, const hello_proof& b) noexcept {
  unsigned differences = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    differences |= static_cast<unsigned>(a[i] ^ b[i]);
  return differences == 0;
}

hello_verdict judge_store(const hello& theirs, const member_map& members) {
  auto* known = members.find(theirs.store);
  if (known == nullptr || known->is_removed())
    return hello_verdict::stranger;
  auto& facts = known->facts;
  if (theirs.opened < facts.opened)
    return hello_verdict::old_generation;
  // A later process may have been given another name; gossip will tell.
  if (theirs.opened == facts.opened && theirs.name != facts.name)
    return hello_verdict::wrong_name;
  return hello_verdict::member;
}

} // namespace

hello_verdict judge(const hello& theirs, const hello& own,
                    const cluster_state* state) {
  if (theirs.store == own.store)
    return hello_verdict::own_store;
  if (!theirs.protocol.overlaps(own.protocol))
    return hello_verdict::no_common_protocol;
  // Parameters of who has no cluster yet are for the join to judge, whose
  // refusal says more.
  if (state == nullptr || theirs.cluster.is_none())
    return hello_verdict::newcomer;
  auto& params = state->params;
  if (theirs.cluster != params.id)
    return hello_verdict::foreign_cluster;
  if (theirs.groups != params.groups
      || theirs.queue_partitions != params.queue_partitions)
    return hello_verdict::other_params;
  return judge_store(theirs, state->members);
}

hello_ack handshake::on_hello(const hello& theirs, const cluster_state* state,
                              std::optional<std::string_view> certified) {
  if (theirs_)
    return {hello_verdict::bad_proof, generation{}, {}};
  theirs_ = theirs;
  verdict_ = judge(theirs, own_, state);
  if (!is_refusal(verdict_) && certified && *certified != theirs.name)
    verdict_ = hello_verdict::wrong_name;
  hello_ack ack{verdict_, generation{}, {}};
  // Also with a refusal: whoever knows the secret shall believe it.
  if (seal_ != nullptr && verdict_ != hello_verdict::own_store)
    ack.proof = prove(own_, theirs);
  if (state != nullptr && theirs.cluster == state->params.id)
    if (auto* known = state->members.find(theirs.store))
      ack.known = known->facts.opened;
  return ack;
}

hello_verdict handshake::on_ack(const hello_ack& ack) {
  if (!theirs_ || has_ack_)
    return hello_verdict::bad_proof;
  has_ack_ = true;
  if (verdict_ == hello_verdict::own_store
      || ack.verdict == hello_verdict::own_store)
    return hello_verdict::own_store;
  if (seal_ != nullptr && !is_equal(ack.proof, prove(*theirs_, own_)))
    return hello_verdict::bad_proof;
  // In the order of the enumeration: less and less.
  return std::max(verdict_, ack.verdict);
}

hello_proof handshake::prove(const hello& prover, const hello& other) const {
  std::string bytes;
  byte_writer out{bytes};
  out.block(encode_hello(prover));
  out.block(encode_hello(other));
  return seal_->seal(bytes);
}

} // namespace hetzel::cluster
