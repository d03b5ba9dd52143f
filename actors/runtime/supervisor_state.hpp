#pragma once

#include "actors/runtime/supervised_child.hpp"
#include "actors/runtime/supervisor.hpp"
#include "actors/runtime/supervisor_answers.hpp"

#include <memory>
#include <string>
#include <vector>

namespace hetzel::runtime {

/// The state of a `supervisor_actor`: `supervision_rules` decide,
/// `supervised_child` carries out, `supervisor_answers` reports to who asked.
/// Not final: CAF derives from a state to look for its name.
class supervisor_state : supervision_sink, supervised_child::owner {
public:
  static inline const char* name = "runtime.supervisor";

  using pointer = supervised_child::pointer;

  supervisor_state(pointer self, supervisor_spec spec);
  virtual ~supervisor_state() = default;

  supervisor_state(const supervisor_state&) = delete;
  supervisor_state& operator=(const supervisor_state&) = delete;

  supervisor_actor::behavior_type make_behavior();

private:
  using handle_result = caf::result<caf::strong_actor_ptr>;
  using child_ptr = std::shared_ptr<supervised_child>;

  // -- messages ---------------------------------------------------------------

  caf::result<void> on_started_query();
  std::vector<child_listing> on_children();
  handle_result on_lookup(const std::string& child_name);
  handle_result on_start(const child_spec_ptr& spec);
  handle_result on_restart(const std::string& child_name);
  caf::result<void> on_terminate(const std::string& child_name);
  caf::result<void> on_delete(const std::string& child_name);
  void on_exit(const caf::error& reason);
  void on_down(const caf::down_msg& message);
  state_entries state() const;

  // -- what the rules decide --------------------------------------------------

  void start(child_key key) override;
  void stop(child_key key) override;
  void forget(child_key key) override;
  void finish(supervision_end why) override;

  // -- what the children report -----------------------------------------------

  void on_ready(supervised_child& child) override;
  void on_gone(supervised_child& child, bool is_abnormal) override;

  void settle();
  child_key add(child_spec_ptr spec);
  [[nodiscard]] std::size_t count(child_state wanted) const;
  [[nodiscard]] child_ptr find(child_key key) const;
  [[nodiscard]] child_ptr find(const std::string& child_name) const;

  pointer self_;
  supervisor_spec spec_;
  std::vector<child_ptr> children_; // in starting order
  supervision_rules rules_;
  supervisor_answers answers_;
  caf::error exit_reason_; // what we were told to end with
  std::string last_failure_; // of any child: "name: text"
};

} // namespace hetzel::runtime
