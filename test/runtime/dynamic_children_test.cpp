#include "actors/runtime/dynamic_children.hpp"

#include "actors/runtime/pinned.hpp"
#include "actors/runtime/supervisor.hpp"
#include "actors/runtime/tree_walk.hpp"
#include "test/support/event_log.hpp"
#include "test/support/runtime_fixture.hpp"

#include <doctest/doctest.h>

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace dynamic_children_test {

using namespace std::chrono_literals;
using namespace hetzel::runtime;
using hetzel::test::event_log;
using hetzel::test::runtime_fixture;

namespace {

using leaf_actor = introspectable::extend<caf::result<void>(caf::tick_atom)>;

class leaf_state {
public:
  static inline const char* name = "test.leaf";

  leaf_state(pinned_pointer<leaf_actor> self, bool is_stubborn)
    : self_(self), is_stubborn_(is_stubborn) {}

  leaf_actor::behavior_type make_behavior() {
    if (is_stubborn_)
      self_->set_exit_handler([](caf::exit_msg&) {});
    return {
      describing(self_),
      [](caf::tick_atom) { throw std::runtime_error{"leaf broke"}; },
    };
  }

private:
  pinned_pointer<leaf_actor> self_;
  bool is_stubborn_;
};

/// Spawns a leaf on `add` (stubborn or not), tells how many it has and how many
/// failed, stops all on `close` and then itself.
using branch_actor = parent_actor::extend<
  caf::result<caf::strong_actor_ptr>(caf::add_atom, bool),
  caf::result<std::string>(caf::get_atom), caf::result<void>(caf::close_atom)>;

class branch_state {
public:
  static inline const char* name = "test.branch";

  branch_state(pinned_pointer<branch_actor> self,
               std::shared_ptr<event_log> events)
    : self_(self), leaves_(self), events_(std::move(events)) {}

  branch_actor::behavior_type make_behavior() {
    self_->set_down_handler([this](caf::down_msg& message) {
      if (leaves_.on_down(message))
        events_->add("down");
    });
    return {
      describing(self_),
      [this](children_atom) { return leaves_.list(); },
      [this](caf::add_atom, bool is_stubborn) {
        return caf::actor_cast<caf::strong_actor_ptr>(leaves_.spawn([&] {
          return spawn_pinned<leaf_actor, leaf_state>(self_->home(),
                                                      is_stubborn);
        }));
      },
      [this](caf::get_atom) {
        return std::to_string(leaves_.size()) + " "
               + std::to_string(leaves_.failures()) + " "
               + leaves_.last_failure();
      },
      [this](caf::close_atom) {
        leaves_.stop_all(10ms, [this] { self_->quit(); });
      },
    };
  }

private:
  pinned_pointer<branch_actor> self_;
  dynamic_children leaves_;
  std::shared_ptr<event_log> events_;
};

struct orchard : runtime_fixture {
  orchard() {
    branch
      = spawn_pinned<branch_actor, branch_state>(pool[0], events);
  }

  ~orchard() {
    caf::anon_send_exit(branch, caf::exit_reason::kill);
    self->wait_for(branch);
  }

  leaf_actor add(bool is_stubborn = false) {
    caf::strong_actor_ptr result;
    self->request(branch, 30s, caf::add_atom_v, is_stubborn)
      .receive([&](const caf::strong_actor_ptr& leaf) { result = leaf; },
               [](const caf::error& why) { FAIL(to_string(why)); });
    return caf::actor_cast<leaf_actor>(result);
  }

  std::string state() {
    std::string result;
    self->request(branch, 30s, caf::get_atom_v)
      .receive([&](const std::string& text) { result = text; },
               [](const caf::error& why) { FAIL(to_string(why)); });
    return result;
  }

  std::shared_ptr<event_log> events = std::make_shared<event_log>();
  caf::scoped_actor self{system};
  branch_actor branch;
};

} // namespace

TEST_CASE("abnormal ends of dynamic children are counted, and the last reason "
          "kept") {
  orchard o;
  const auto broken = o.add();
  const auto ended = o.add();
  o.add();
  caf::anon_send(broken, caf::tick_atom_v);
  REQUIRE(o.events->wait_for("down"));
  CHECK(o.state() == "2 1 leaf broke");
  caf::anon_send_exit(ended, caf::exit_reason::user_shutdown);
  REQUIRE(o.events->wait_for("down", 2));
  CHECK(o.state() == "1 1 leaf broke");
}

TEST_CASE("stopping all dynamic children kills those that do not end in time") {
  orchard o;
  const auto willing = o.add();
  const auto stubborn = o.add(true);
  caf::anon_send(o.branch, caf::close_atom_v);
  o.self->wait_for(willing, stubborn, o.branch);
  CHECK(o.events->text() == "down down");
}

TEST_CASE("stopping without children is done at once") {
  orchard o;
  caf::anon_send(o.branch, caf::close_atom_v);
  o.self->wait_for(o.branch);
}

TEST_CASE("dynamic children die with their parent") {
  orchard o;
  const auto stubborn = o.add(true);
  caf::anon_send_exit(o.branch, caf::exit_reason::kill);
  o.self->wait_for(stubborn);
}

TEST_CASE("a walk lists the whole tree: supervisors, workers and dynamic "
          "children") {
  runtime_fixture here;
  auto events = std::make_shared<event_log>();
  supervisor_spec inner{.name = "inner",
                        .strategy = restart_strategy::one_for_one,
                        .intensity = {},
                        .children = {}};
  child_spec branch;
  branch.name = "branch";
  branch.type = child_type::supervisor;
  branch.start = [&] {
    return caf::actor_cast<caf::strong_actor_ptr>(
      spawn_pinned<branch_actor, branch_state>(here.pool[0], events));
  };
  supervisor_spec outer{.name = "outer",
                        .strategy = restart_strategy::one_for_one,
                        .intensity = {},
                        .children = {}};
  caf::scoped_actor self{here.system};
  branch.on_started = [](const caf::strong_actor_ptr& actor) {
    caf::anon_send(caf::actor_cast<branch_actor>(actor), caf::add_atom_v,
                   false);
  };
  inner.children.push_back(branch);
  outer.children.push_back(supervisor_child(here.system, std::move(inner)));
  const auto root = spawn_supervisor(here.system, std::move(outer));
  self->request(root, 30s, started_atom_v).receive([] {}, [](caf::error&) {});
  std::string text;
  for_each_node(walk_tree(here.system, root).get(),
                [&](const tree_node& node, std::size_t depth) {
                  text += std::string(depth, ' ') + node.listing.name + ":"
                          + node.description.kind + node.problem + "\n";
                });
  CHECK(text == ":runtime.supervisor\n"
                " inner:runtime.supervisor\n"
                "  branch:test.branch\n"
                "   :test.leaf\n");
  self->send_exit(root, caf::exit_reason::user_shutdown);
  self->wait_for(root);
}

TEST_CASE("dynamic children that were released outlive their parent") {
  orchard o;
  std::vector<caf::strong_actor_ptr> released;
  const auto parent = o.system.spawn([&](caf::event_based_actor* me) {
    dynamic_children leaves{me};
    leaves.spawn([&] {
      return spawn_pinned<leaf_actor, leaf_state>(o.pool[0], false);
    });
    released = leaves.release();
    CHECK(leaves.size() == 0);
  });
  o.self->wait_for(parent);
  REQUIRE(released.size() == 1);
  const auto leaf = caf::actor_cast<leaf_actor>(released[0]);
  std::string kind;
  o.self->request(leaf, 30s, describe_atom_v)
    .receive([&](const actor_description& one) { kind = one.kind; },
             [](const caf::error& why) { FAIL(to_string(why)); });
  CHECK(kind == "test.leaf");
  caf::anon_send_exit(leaf, caf::exit_reason::kill);
  o.self->wait_for(leaf);
}

} // namespace dynamic_children_test
