#pragma once

#include "actors/runtime/child.hpp"
#include "actors/runtime/supervision_rules.hpp"
#include "actors/runtime/supervisor.hpp"

#include <caf/disposable.hpp>
#include <caf/error.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace hetzel::runtime {

/// A child of a supervisor over all its lives: spawns it, waits until it is
/// ready, ends it by force when it does not end by itself. Used by the
/// supervisor's thread; what it asked for is void once it is destroyed.
class supervised_child final
  : public std::enable_shared_from_this<supervised_child> {
public:
  using pointer = introspected<supervisor_actor::impl>*;

  class owner {
  public:
    /// Its `start` came to a good end.
    virtual void on_ready(supervised_child& child) = 0;
    /// It has no actor any more, or got none; `last_failure` says why when
    /// that is abnormal.
    virtual void on_gone(supervised_child& child, bool is_abnormal) = 0;

  protected:
    ~owner() = default;
  };

  supervised_child(pointer self, owner& parent, child_key key,
                   child_spec_ptr spec,
                   std::chrono::milliseconds kill_deadline);

  /// Kills it, without waiting.
  ~supervised_child();

  supervised_child(const supervised_child&) = delete;
  supervised_child& operator=(const supervised_child&) = delete;

  /// Only without an actor. Answered by `on_ready` or `on_gone`, perhaps from
  /// within the call.
  void start(std::uint32_t restarts);

  /// Only with an actor. Answered by `on_gone` in any case.
  void stop();

  /// What the supervisor learned of its actor's end.
  void on_down(const caf::error& reason);

  [[nodiscard]] child_key key() const noexcept { return key_; }
  [[nodiscard]] const child_spec& spec() const noexcept { return *spec_; }

  /// Null while there is none.
  [[nodiscard]] const caf::strong_actor_ptr& actor() const noexcept {
    return actor_;
  }

  /// The class of the actor; "" while there is none.
  [[nodiscard]] const char* kind() const;

  /// Empty: never.
  [[nodiscard]] const std::string& last_failure() const noexcept {
    return last_failure_;
  }

private:
  enum class phase : std::uint8_t { absent, starting, ready, ending };

  caf::strong_actor_ptr spawn(std::uint32_t restarts);
  void ask_whether_ready();
  void on_answer();
  void on_no_answer(const caf::error& why);
  void kill_and_wait();
  void arm(std::chrono::milliseconds delay,
           void (supervised_child::*on_deadline)());
  void on_stop_deadline();
  void on_kill_deadline();
  void gone(const caf::error& reason);

  pointer self_;
  owner& owner_;
  child_key key_;
  child_spec_ptr spec_;
  std::chrono::milliseconds kill_deadline_;
  caf::strong_actor_ptr actor_;
  phase phase_ = phase::absent;
  std::uint32_t life_ = 0; // answers to a former one are ignored
  caf::disposable deadline_;
  std::string last_failure_;
};

} // namespace hetzel::runtime
