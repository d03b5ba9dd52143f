#include "test/support/node_probe.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>

#include <utility>

namespace hetzel::test {

node_probe::node_probe(caf::strong_actor_ptr root) : root_(std::move(root)) {}

runtime::tree_node node_probe::tree() const {
  const auto root = caf::actor_cast<runtime::parent_actor>(root_);
  return runtime::walk_tree(root.home_system(), root).get();
}

std::vector<runtime::tree_node> node_probe::all(std::string_view kind) const {
  std::vector<runtime::tree_node> found;
  runtime::for_each_node(tree(), [&](const auto& node, std::size_t) {
    if (node.description.kind == kind)
      found.push_back({node.listing, node.description, node.problem, {}});
  });
  return found;
}

std::optional<runtime::tree_node>
node_probe::find(std::string_view kind, std::string_view key,
                 std::string_view value) const {
  for (auto& node : all(kind))
    if (entry_of(node, key) == value)
      return std::move(node);
  return std::nullopt;
}

std::string node_probe::of_client(std::string_view kind,
                                  std::string_view client_id,
                                  std::string_view key) const {
  const auto node = find(kind, "client_id", client_id);
  return node ? entry_of(*node, key) : std::string{};
}

void node_probe::kill(const caf::strong_actor_ptr& actor) {
  const auto handle = caf::actor_cast<caf::actor>(actor);
  caf::scoped_actor self{handle.home_system()};
  self->send_exit(handle, caf::exit_reason::kill);
  self->wait_for(handle);
}

std::string entry_of(const runtime::tree_node& node, std::string_view key) {
  for (const auto& entry : node.description.state)
    if (entry.key == key)
      return entry.value;
  return {};
}

std::string label_of(const runtime::tree_node& node) {
  const auto& kind = node.description.kind;
  if (kind != "runtime.supervisor")
    return kind;
  const auto name = entry_of(node, "name");
  return kind + ' ' + name.substr(0, name.find('-'));
}

bool is_complete(const runtime::tree_node& tree) {
  bool complete = true;
  runtime::for_each_node(tree, [&](const auto& node, std::size_t depth) {
    const bool runs
      = depth == 0 || node.listing.state == runtime::child_state::running;
    complete = complete && runs && node.problem.empty();
  });
  return complete;
}

} // namespace hetzel::test
