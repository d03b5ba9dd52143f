#pragma once

#include "actors/runtime/child.hpp"
#include "actors/runtime/introspection.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/disposable.hpp>
#include <caf/fwd.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace hetzel::runtime {

/// The very many like children of one actor (sessions, queues), which are not
/// restarted: it watches them, counts those that failed, lists and stops them.
/// At most 100 bytes per child, its monitor included. A member of the parent's
/// state, used within it alone; the parent's down handler calls `on_down`.
/// Children that are alive when it is destroyed are killed.
class dynamic_children {
public:
  explicit dynamic_children(caf::scheduled_actor* parent);
  ~dynamic_children();

  dynamic_children(const dynamic_children&) = delete;
  dynamic_children& operator=(const dynamic_children&) = delete;

  /// Calls `spawn_child`, which returns the handle of a new actor, and adds it;
  /// the child names the parent as its own.
  template <class Spawn>
  auto spawn(Spawn&& spawn_child) {
    const spawning_scope scope{parent_id()};
    auto result = std::forward<Spawn>(spawn_child)();
    add(caf::actor_cast<caf::strong_actor_ptr>(result));
    return result;
  }

  /// Watches `child`. While everyone is being stopped it is told to stop too.
  void add(caf::strong_actor_ptr child);

  /// False: it was none of ours. The child is gone from the list when this
  /// returns.
  bool on_down(const caf::down_msg& message);

  /// Tells all to end, kills those that have not after `deadline`, and calls
  /// `done` when none is left (within this call when there is none). Once.
  void stop_all(std::chrono::milliseconds deadline,
                std::function<void()> done);

  /// Gives all away, alive: nobody watches them until another `add`s them.
  [[nodiscard]] std::vector<caf::strong_actor_ptr> release();

  [[nodiscard]] bool is_stopping() const noexcept { return is_stopping_; }

  [[nodiscard]] std::size_t size() const noexcept { return children_.size(); }

  /// How many ended abnormally.
  [[nodiscard]] std::uint64_t failures() const noexcept { return failures_; }

  /// Of the last that did; empty: none.
  [[nodiscard]] const std::string& last_failure() const noexcept {
    return last_failure_;
  }

  /// At most `count_max` of them, in no order. Their names are empty: who they
  /// are, they say themselves.
  [[nodiscard]] std::vector<child_listing>
  list(std::size_t count_max = 100'000) const;

private:
  [[nodiscard]] std::uint64_t parent_id() const noexcept;
  void kill_all();
  void check_done();

  caf::scheduled_actor* parent_;
  boost::unordered_flat_map<std::uint64_t, caf::strong_actor_ptr> children_;
  std::uint64_t failures_ = 0;
  std::string last_failure_;
  bool is_stopping_ = false;
  std::function<void()> done_; // when the last is gone
  caf::disposable deadline_;
};

} // namespace hetzel::runtime
