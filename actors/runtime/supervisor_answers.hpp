#pragma once

#include "actors/runtime/supervision_rules.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/error.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <vector>

namespace hetzel::runtime {

/// The answers that a supervisor owes until its rules have settled what was
/// asked for.
class supervisor_answers {
public:
  using handle_promise = caf::typed_response_promise<caf::strong_actor_ptr>;
  using void_promise = caf::typed_response_promise<void>;

  /// When everything is started that was to be at first.
  void when_all_started(void_promise promise);
  void when_started(child_key child, handle_promise promise);
  void when_stopped(child_key child, void_promise promise);

  /// Answers what `rules` have settled. `actor_of` is asked for running
  /// children only.
  void settle(const supervision_rules& rules,
              const std::function<caf::strong_actor_ptr(child_key)>& actor_of);

  /// Remembers why `child` does not start, for who asked for it.
  void explain(child_key child, const std::string& failure);

  /// Answers all with `reason`, as the supervisor ends.
  void settle_all(const caf::error& reason);

private:
  struct start {
    child_key child;
    handle_promise promise;
    std::string failure;
  };

  struct stop {
    child_key child;
    void_promise promise;
  };

  bool is_settled(start& each, const supervision_rules& rules,
                  const std::function<caf::strong_actor_ptr(child_key)>& of);

  std::vector<void_promise> all_;
  std::vector<start> starts_;
  std::vector<stop> stops_;
};

} // namespace hetzel::runtime
