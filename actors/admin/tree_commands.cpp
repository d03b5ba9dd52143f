#include "actors/admin/tree_commands.hpp"

#include "actors/admin/actor_path.hpp"
#include "actors/runtime/child_types.hpp"
#include "actors/runtime/tree_walk.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <charconv>
#include <chrono>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace hetzel::admin {

namespace {

using runtime::tree_node;

/// More than these nobody reads.
constexpr std::size_t lines_max = 20'000;

using lines = std::vector<std::string>;

// -- text ---------------------------------------------------------------------

std::string age_text(caf::timespan age) {
  const auto seconds
    = std::chrono::duration_cast<std::chrono::duration<double>>(age).count();
  auto text = std::to_string(seconds);
  text.resize(text.find('.') + 4);
  return text + " s";
}

std::string tree_line(const tree_node& node, std::size_t depth) {
  std::string line(2 * depth, ' ');
  line += depth == 0 && node.listing.name.empty() ? "." : label_of(node);
  const auto& what = node.description;
  if (node.listing.actor)
    line += " #" + std::to_string(node.listing.actor->id());
  line += ' ' + (what.kind.empty() ? node.listing.kind : what.kind);
  if (depth > 0 && node.listing.state != runtime::child_state::running)
    line += std::string{" "} + runtime::to_string(node.listing.state);
  if (what.reactor)
    line += " reactor=" + std::to_string(*what.reactor);
  line += " mailbox=" + std::to_string(what.mailbox_size);
  line += " handled=" + std::to_string(what.messages_handled);
  if (node.listing.restarts > 0)
    line += " restarts=" + std::to_string(node.listing.restarts);
  if (!node.problem.empty())
    line += " problem=\"" + node.problem + '"';
  return line;
}

lines tree_lines(const tree_node& top, std::size_t depth_max) {
  lines out;
  std::size_t left_out = 0;
  runtime::for_each_node(top, [&](const tree_node& node, std::size_t depth) {
    if (depth > depth_max)
      return;
    if (out.size() < lines_max)
      out.push_back(tree_line(node, depth));
    else
      ++left_out;
  });
  if (left_out > 0)
    out.push_back("… " + std::to_string(left_out) + " more");
  return out;
}

lines description_lines(const tree_node& node) {
  const auto& what = node.description;
  lines out{"kind: " + what.kind,
            "id: " + std::to_string(what.id),
            "name: " + node.listing.name,
            "parent: " + std::to_string(what.parent),
            "reactor: "
              + (what.reactor ? std::to_string(*what.reactor) : "none"),
            "mailbox: " + std::to_string(what.mailbox_size),
            "handled: " + std::to_string(what.messages_handled),
            "age: " + age_text(what.age),
            "restarts: " + std::to_string(what.restarts),
            "last_failure: "
              + (what.last_failure.empty() ? "none" : what.last_failure),
            "children: " + std::to_string(node.children.size())};
  for (const auto& entry : what.state)
    out.push_back("state." + entry.key + ": " + entry.value);
  if (!node.problem.empty())
    out.push_back("problem: " + node.problem);
  return out;
}

// -- the walk -----------------------------------------------------------------

class tree_commands {
public:
  tree_commands(caf::actor_system& system, root_lookup root)
    : system_(&system), root_(std::move(root)) {}

  void tree(const request& what, const reply& to) const {
    std::size_t depth = std::numeric_limits<std::size_t>::max();
    if (what.arguments.size() == 2) {
      const auto& word = what.arguments[1];
      const auto* end = word.data() + word.size();
      if (std::from_chars(word.data(), end, depth).ptr != end)
        return to.reject("DEPTH is a number");
    }
    const auto top = what.arguments.empty() ? "." : what.arguments[0];
    with(top, to, [to, depth](const tree_node& found, const tree_node&) {
      to.done(tree_lines(found, depth));
    });
  }

  void describe(const request& what, const reply& to) const {
    with(what.arguments[0], to,
         [to](const tree_node& found, const tree_node&) {
           to.done(description_lines(found));
         });
  }

  void kill(const request& what, const reply& to) const {
    with(what.arguments[0], to,
         [to](const tree_node& found, const tree_node& root) {
           if (&found == &root)
             return to.reject("the root cannot be killed: stop the node");
           end_actor(found, to);
         });
  }

private:
  /// Calls `act` with the actor of that name and the root, later.
  template <class Act>
  void with(std::string word, const reply& to, Act act) const {
    const auto root = root_();
    if (!root)
      return to.fail("the node has not started");
    runtime::walk_tree(
      *system_, caf::actor_cast<runtime::parent_actor>(root), {},
      [word = std::move(word), to, act](const tree_node& tree) {
        const auto* found = find_actor(tree, word);
        if (!found)
          return to.fail("no actor " + word);
        act(*found, tree);
      });
  }

  static void end_actor(const tree_node& found, const reply& to) {
    const auto& actor = found.listing.actor;
    if (!actor)
      return to.fail(label_of(found) + " does not run");
    auto text = "killed " + found.description.kind + " #"
                + std::to_string(actor->id());
    actor->get()->attach_functor(
      [to, text = std::move(text)](const caf::error&) { to.done({text}); });
    caf::anon_send_exit(caf::actor_cast<caf::actor_addr>(actor),
                        caf::exit_reason::kill);
  }

  caf::actor_system* system_;
  root_lookup root_;
};

} // namespace

void add_tree_commands(command_registry& registry, caf::actor_system& system,
                       root_lookup root) {
  const tree_commands all{system, std::move(root)};
  registry.add({.name = "tree",
                .arguments = "[ACTOR [DEPTH]]",
                .summary = "Lists the supervision tree, or what is below one "
                           "actor.",
                .details = {"ACTOR is a number, or names with '/' between "
                            "them, from below the root:",
                            "messaging/reactor-0/registrar. '.' is the root."},
                .arguments_max = 2,
                .run = [all](const request& what, const reply& to) {
                  all.tree(what, to);
                }});
  registry.add({.name = "describe",
                .arguments = "ACTOR",
                .summary = "Tells what an actor says about itself.",
                .arguments_min = 1,
                .arguments_max = 1,
                .run = [all](const request& what, const reply& to) {
                  all.describe(what, to);
                }});
  registry.add({.name = "kill",
                .arguments = "ACTOR",
                .summary = "Ends an actor at once; its supervisor starts it "
                           "again.",
                .details = {"Answers when it has ended. For tests, and for "
                            "actors that hang."},
                .arguments_min = 1,
                .arguments_max = 1,
                .record = command_record::words,
                .run = [all](const request& what, const reply& to) {
                  all.kill(what, to);
                }});
}

} // namespace hetzel::admin
