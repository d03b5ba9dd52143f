#pragma once

#include "actors/runtime/child_types.hpp"
#include "actors/runtime/restart_history.hpp"
#include "protocol/basic_types.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace hetzel::runtime {

/// Names a child within its supervisor's rules; never used twice.
using child_key = std::uint32_t;

/// Who is restarted when one child has to be.
enum class restart_strategy : std::uint8_t {
  one_for_one, ///< it alone
  one_for_all, ///< everyone
  rest_for_one, ///< it and those that were added after it
};

/// Why a supervisor ends.
enum class supervision_end : std::uint8_t {
  stopped, ///< it was told to
  start_failed, ///< a child did not come up at the first start
  restarts_exceeded, ///< more restarts than its intensity allows
};

/// What `supervision_rules` decided. Each may report its outcome at once, from
/// within the call.
class supervision_sink {
public:
  /// Spawn it; answered by `on_started` or `on_start_failed`.
  virtual void start(child_key child) = 0;
  /// End it, by force after its deadline; answered by `on_down`.
  virtual void stop(child_key child) = 0;
  /// It and its specification are gone.
  virtual void forget(child_key child) = 0;
  /// All children are stopped; nothing follows.
  virtual void finish(supervision_end why) = 0;

protected:
  ~supervision_sink() = default;
};

/// The rules of an OTP supervisor, without actors or a clock: one operation at
/// a time (a start, a stop, a restart of several), what happens meanwhile waits
/// for its turn. Unlike OTP's, restarting all or the rest does not revive a
/// child that an operator had stopped or that had ended for good.
class supervision_rules {
public:
  supervision_rules(restart_strategy strategy, restart_intensity intensity,
                    supervision_sink& sink);

  /// Appends a child; it is stopped.
  child_key add(restart_policy policy);

  /// Starts all in order, each after the one before is ready. When one fails,
  /// those before are stopped in reverse order and the supervisor ends.
  void start_all();

  /// Stops all in reverse order, then ends.
  void stop_all();

  // -- what an operator asks for; false: its state does not allow it ----------

  /// Starts a stopped child. `is_new`: it is forgotten when that fails.
  bool start(child_key child, bool is_new);

  /// Stops a child; it stays stopped. A temporary one is forgotten.
  bool stop(child_key child);

  /// Forgets a stopped child.
  bool remove(child_key child);

  // -- outcomes ---------------------------------------------------------------

  void on_started(child_key child);
  void on_start_failed(child_key child, mqtt::time_point now);

  /// The child's actor ended; `is_abnormal`: neither normally nor because it
  /// was shut down.
  void on_down(child_key child, bool is_abnormal, mqtt::time_point now);

  // -- state ------------------------------------------------------------------

  /// `stopped` also for a child that is not known.
  [[nodiscard]] child_state state(child_key child) const;

  /// Whether it runs or shall, once what is under way is through.
  [[nodiscard]] bool is_wanted(child_key child) const;

  /// How often the rules started it again.
  [[nodiscard]] std::uint32_t restarts(child_key child) const;

  [[nodiscard]] bool is_ending() const noexcept { return is_ending_; }

  /// Nothing is under way and nothing waits.
  [[nodiscard]] bool is_idle() const noexcept {
    return steps_.empty() && requests_.empty();
  }

private:
  struct child {
    child_key key;
    restart_policy policy;
    child_state state = child_state::stopped;
    bool is_wanted = false; // should run, when nothing is in its way
    std::uint32_t restarts = 0;
  };

  enum class cause : std::uint8_t { first_start, new_child, request, restart };

  struct step {
    child_key key;
    bool is_start;
    cause why;
    bool has_begun = false;
  };

  /// What waits until the current operation is through.
  struct request {
    enum class kind : std::uint8_t { ended, start, stop } what;
    child_key key;
    bool is_abnormal = false;
    bool is_new = false;
    mqtt::time_point time;
  };

  void advance();
  [[nodiscard]] bool can_advance();
  [[nodiscard]] bool can_finish_step(step& front);
  [[nodiscard]] bool can_finish_start(step& front);
  [[nodiscard]] bool can_finish_stop(const step& front);
  void begin(const request& what);
  void restart_after(child& failed, mqtt::time_point now);
  void restart_range(std::size_t first, child_key failed);
  void end(supervision_end why);
  void forget(child_key key);
  child* find(child_key key);
  [[nodiscard]] const child* find(child_key key) const;

  restart_strategy strategy_;
  restart_history history_;
  supervision_sink& sink_;
  std::vector<child> children_;
  std::deque<step> steps_;
  std::deque<request> requests_;
  child_key next_key_ = 1;
  supervision_end why_ending_ = supervision_end::stopped;
  bool is_ending_ = false;
  bool is_finished_ = false;
  bool is_advancing_ = false;
};

} // namespace hetzel::runtime
