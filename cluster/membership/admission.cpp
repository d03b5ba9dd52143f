#include "cluster/membership/admission.hpp"

#include <optional>

namespace hetzel::cluster {

namespace {

std::optional<join_refusal> check_node(const join_request& request,
                                       const admission_view& view) {
  auto& params = view.state.params;
  if (request.store == view.own)
    return join_refusal::itself;
  auto* own = view.state.members.find(view.own);
  if (own == nullptr || own->state != member_state::up)
    return join_refusal::not_ready;
  if (!request.cluster.is_none() && request.cluster != params.id)
    return join_refusal::foreign_cluster;
  if (view.state.members.is_removed(request.store))
    return join_refusal::store_removed;
  if (!request.facts.protocol.overlaps(view.protocol))
    return join_refusal::no_common_protocol;
  if (request.groups != params.groups
      || request.queue_partitions != params.queue_partitions)
    return join_refusal::other_params;
  return std::nullopt;
}

bool was_replaced(const join_request& request, const member_map& members) {
  auto* replaced = members.find(*request.replaces);
  return replaced != nullptr && replaced->is_removed()
         && replaced->facts.name == request.facts.name;
}

/// The member to be replaced, null if there is none, or why not.
expected<const member*, join_refusal>
find_replaced(const join_request& request, const admission_view& view) {
  auto* holder = view.state.members.named(request.facts.name);
  if (holder == nullptr || holder->store == request.store) {
    if (request.replaces && !was_replaced(request, view.state.members))
      return unexpected(join_refusal::wrong_replacement);
    return nullptr;
  }
  if (!request.replaces)
    return unexpected(join_refusal::name_taken);
  if (*request.replaces != holder->store)
    return unexpected(join_refusal::wrong_replacement);
  if (holder->store == view.own || view.reachable.contains(holder->store))
    return unexpected(join_refusal::replaced_is_alive);
  return holder;
}

} // namespace

expected<member_map, join_refused> admit(const join_request& request,
                                         const admission_view& view) {
  auto& members = view.state.members;
  auto refuse = [&view, &members, &request](join_refusal why) {
    join_refused refused{why, view.state.params.id, store_id{}};
    if (why == join_refusal::name_taken)
      refused.holder = members.named(request.facts.name)->store;
    return unexpected(refused);
  };
  if (auto why = check_node(request, view))
    return refuse(*why);
  member_map change;
  change.merge(member{request.store, member_state::joining, request.facts});
  // A member already: the answer to its first request was lost.
  if (members.is_member(request.store))
    return change;
  if (request.has_records)
    return refuse(join_refusal::not_empty);
  auto replaced = find_replaced(request, view);
  if (!replaced)
    return refuse(replaced.error());
  if (members.size() >= members_max)
    return refuse(join_refusal::full);
  if (*replaced != nullptr) {
    auto gone = **replaced;
    gone.state = member_state::removed;
    change.merge(gone);
  }
  return change;
}

} // namespace hetzel::cluster
