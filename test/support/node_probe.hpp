#pragma once

#include "actors/runtime/tree_walk.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace hetzel::test {

/// What a person at the remote shell would do to a supervision tree: list it,
/// look at an actor, kill one, and wait for what follows.
class node_probe {
public:
  static constexpr std::chrono::seconds patience{20};

  explicit node_probe(caf::strong_actor_ptr root);

  [[nodiscard]] runtime::tree_node tree() const;

  /// All of that kind, without their children.
  [[nodiscard]] std::vector<runtime::tree_node>
  all(std::string_view kind) const;

  /// The first of that kind whose state has that entry; nullopt: none has.
  [[nodiscard]] std::optional<runtime::tree_node>
  find(std::string_view kind, std::string_view key,
       std::string_view value) const;

  /// The state's entry of a client's session or queue; "" without one.
  [[nodiscard]] std::string of_client(std::string_view kind,
                                      std::string_view client_id,
                                      std::string_view key) const;

  /// Kills it and waits until it is gone.
  static void kill(const caf::strong_actor_ptr& actor);

  /// Asks `condition` again and again until it is true; false: it took too
  /// long. It should ask the node something, which is what it waits by.
  template <class Condition>
  [[nodiscard]] static bool eventually(Condition&& condition) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline)
        return false;
      std::this_thread::yield();
    }
    return true;
  }

private:
  caf::strong_actor_ptr root_;
};

/// An entry of what an actor said of its state; "" without one.
[[nodiscard]] std::string entry_of(const runtime::tree_node& node,
                                   std::string_view key);

/// What a kind is in tests: the kind, of a supervisor with its name ("reactor"
/// for that of each reactor).
[[nodiscard]] std::string label_of(const runtime::tree_node& node);

/// Everything answers, and what is to run runs.
[[nodiscard]] bool is_complete(const runtime::tree_node& tree);

} // namespace hetzel::test
