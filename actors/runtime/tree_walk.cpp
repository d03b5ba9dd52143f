#include "actors/runtime/tree_walk.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <deque>
#include <memory>
#include <utility>

namespace hetzel::runtime {

namespace {

/// Nodes point at each other while the tree grows, so they are kept in place
/// until it is complete.
struct growing_node {
  tree_node node;
  std::vector<std::unique_ptr<growing_node>> children;
};

tree_node finished(growing_node& from) {
  tree_node result = std::move(from.node);
  result.children.reserve(from.children.size());
  for (auto& child : from.children)
    result.children.push_back(finished(*child));
  return result;
}

bool is_known_parent(const growing_node& which) {
  return which.node.listing.type == child_type::supervisor;
}

/// The walk: an actor that lives until the last answer.
class tree_walk_state {
public:
  static inline const char* name = "runtime.tree_walk";

  tree_walk_state(introspected<caf::event_based_actor>* self,
                  const parent_actor& root, tree_walk_options options,
                  std::function<void(tree_node)> done)
    : self_(self), options_(options), done_(std::move(done)) {
    root_.node.listing.actor = caf::actor_cast<caf::strong_actor_ptr>(root);
    root_.node.listing.type = child_type::supervisor;
  }

  caf::behavior make_behavior() {
    waiting_.push_back(&root_);
    ask_more();
    return {describing(self_)};
  }

private:
  void ask_more() {
    while (!waiting_.empty() && open_ < options_.questions_max) {
      growing_node* next = waiting_.front();
      waiting_.pop_front();
      ask_description(*next);
      if (is_known_parent(*next))
        ask_children(*next);
    }
    if (open_ == 0 && waiting_.empty()) {
      done_(finished(root_));
      self_->quit();
    }
  }

  void ask_description(growing_node& which) {
    ask<introspectable, actor_description>(
      which, describe_atom_v, [&which](actor_description& answer) {
        which.node.description = std::move(answer);
      });
  }

  void ask_children(growing_node& which) {
    ask<parent_actor, std::vector<child_listing>>(
      which, children_atom_v,
      [this, &which](std::vector<child_listing>& answer) {
        add_children(which, answer);
      });
  }

  template <class Handle, class Answer, class Atom, class OnAnswer>
  void ask(growing_node& which, Atom question, OnAnswer on_answer) {
    ++open_;
    self_
      ->request(caf::actor_cast<Handle>(which.node.listing.actor),
                options_.answer_deadline, question)
      .then(
        [this, on_answer](Answer& answer) {
          on_answer(answer);
          close_one();
        },
        [this, &which](const caf::error& why) {
          which.node.problem = caf::to_string(why);
          close_one();
        });
  }

  void close_one() {
    --open_;
    ask_more();
  }

  void add_children(growing_node& parent, std::vector<child_listing>& list) {
    for (child_listing& entry : list) {
      if (visited_ == options_.nodes_max) {
        parent.node.problem = "too many actors to list";
        return;
      }
      ++visited_;
      auto& child
        = *parent.children.emplace_back(std::make_unique<growing_node>());
      child.node.listing = std::move(entry);
      if (child.node.listing.actor)
        waiting_.push_back(&child);
    }
  }

  introspected<caf::event_based_actor>* self_;
  tree_walk_options options_;
  std::function<void(tree_node)> done_;
  growing_node root_;
  std::deque<growing_node*> waiting_;
  std::size_t open_ = 0;
  std::size_t visited_ = 1;
};

void for_each_below(
  const tree_node& node, std::size_t depth,
  const std::function<void(const tree_node&, std::size_t)>& visit) {
  visit(node, depth);
  for (const tree_node& child : node.children)
    for_each_below(child, depth + 1, visit);
}

} // namespace

void walk_tree(caf::actor_system& system, const parent_actor& root,
               tree_walk_options options, std::function<void(tree_node)> done) {
  using implementation
    = caf::stateful_actor<tree_walk_state,
                          introspected<caf::event_based_actor>>;
  system.spawn<implementation>(root, options, std::move(done));
}

std::future<tree_node> walk_tree(caf::actor_system& system,
                                 const parent_actor& root,
                                 tree_walk_options options) {
  auto promise = std::make_shared<std::promise<tree_node>>();
  auto result = promise->get_future();
  walk_tree(system, root, options, [promise](tree_node tree) {
    promise->set_value(std::move(tree));
  });
  return result;
}

void for_each_node(
  const tree_node& node,
  const std::function<void(const tree_node&, std::size_t depth)>& visit) {
  for_each_below(node, 0, visit);
}

} // namespace hetzel::runtime
