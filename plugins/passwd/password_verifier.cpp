#include "plugins/passwd/password_verifier.hpp"

#include "plugins/passwd/password_check.hpp"
#include "plugins/passwd/password_queue.hpp"
#include "plugins/passwd/verified_passwords.hpp"

#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <map>
#include <string>
#include <vector>

namespace hetzel::plugins {

namespace {

using mqtt::reason_code;

// -- worker -------------------------------------------------------------------

/// Hashes one password after the other.
/// Messages:    password_check (answers whether it is right).
/// Owns:        its thread.
/// Supervision: of the verifier that spawned it, which ends with it.
/// On failure:  the verifier fails as well.
using hash_worker
  = runtime::introspectable::extend<caf::result<bool>(password_check_ptr)>;

class hash_worker_state {
public:
  static inline const char* name = "plugins.hash_worker";

  explicit hash_worker_state(runtime::introspected<hash_worker::impl>* self)
    : self_(self) {}

  hash_worker::behavior_type make_behavior() {
    return {
      runtime::describing(self_),
      [](const password_check_ptr& check) {
        return verify_password(check->hash, check->password);
      },
    };
  }

private:
  runtime::introspected<hash_worker::impl>* self_;
};

hash_worker spawn_hash_worker(caf::actor_system& system) {
  using implementation
    = caf::stateful_actor<hash_worker_state,
                          runtime::introspected<hash_worker::impl>>;
  return system.spawn<implementation, caf::detached + caf::hidden>();
}

// -- verifier -----------------------------------------------------------------

using verifier_pointer = runtime::introspected<hook_actor::impl>*;
using answer_promise = caf::typed_response_promise<hook_answer_ptr>;

register_verdict refusal(reason_code code) {
  return register_verdict::error(code);
}

class password_verifier_state {
public:
  static inline const char* name = "plugins.password_verifier";

  password_verifier_state(verifier_pointer self,
                          std::shared_ptr<const password_book> book,
                          password_verifier_options options)
    : self_(self),
      book_(std::move(book)),
      options_(std::move(options)),
      queue_({options_.config.hash_workers, options_.config.hash_waiting_max}),
      known_(options_.config.cache_time) {
    for (std::size_t i = 0; i < options_.config.hash_workers; ++i) {
      idle_.push_back(spawn_hash_worker(self_->system()));
      self_->link_to(idle_.back());
    }
  }

  hook_actor::behavior_type make_behavior() {
    return {
      runtime::describing(self_, [this] { return snapshot(); }),
      [this](const hook_call_ptr& call) { return on_call(*call); },
      [](const hook_notice_ptr&) {},
    };
  }

private:
  /// Somebody who waits for a worker's word.
  struct waiting_client {
    password_check_ptr check;
    /// In `known_`.
    std::string mark;
    answer_promise promise;
  };

  runtime::state_entries snapshot() const {
    return {{"waiting", std::to_string(queue_.waiting())},
            {"busy", std::to_string(queue_.busy())},
            {"known", std::to_string(known_.size())}};
  }

  caf::result<hook_answer_ptr> on_call(const hook_call& call) {
    const auto& asked = call.get<register_request>();
    const auto table = book_->current();
    const auto found
      = judge_password(*table, asked.client.user_name, asked.password);
    switch (found.verdict) {
      case password_verdict::next:
        return answer(register_verdict::next());
      case password_verdict::right:
        return answer(register_verdict::ok());
      case password_verdict::wrong:
        return answer(wrong());
      case password_verdict::slow:
        break;
    }
    return ask_worker(asked, *found.hash);
  }

  caf::result<hook_answer_ptr> ask_worker(const register_request& asked,
                                          const password_hash& hash) {
    const auto now = self_->clock().now();
    auto mark = known_.mark(*asked.client.user_name,
                            format_password_hash(hash), *asked.password);
    if (known_.contains(mark, now)) {
      options_.counters->add(guard_fact::passwd_cached);
      return answer(register_verdict::ok());
    }
    const auto job = next_job_;
    if (!queue_.submit(job, now + options_.patience)) {
      options_.counters->add(guard_fact::passwd_queue_full);
      return answer(refusal(reason_code::server_busy));
    }
    ++next_job_;
    auto promise = self_->make_response_promise<hook_answer_ptr>();
    waiting_.emplace(job, waiting_client{
                            std::make_shared<const password_check>(
                              hash, std::string{*asked.password}),
                            std::move(mark), promise});
    dispatch();
    return promise;
  }

  void dispatch() {
    std::vector<password_queue::job> late;
    while (!idle_.empty()) {
      const auto job = queue_.take(self_->clock().now(), late);
      if (!job)
        break;
      begin(*job);
    }
    for (const auto job : late) {
      options_.counters->add(guard_fact::passwd_late);
      finish(job, refusal(reason_code::server_busy));
    }
  }

  void begin(password_queue::job job) {
    auto worker = std::move(idle_.back());
    idle_.pop_back();
    // A hash takes bounded time, and a worker that dies takes us along.
    self_->request(worker, caf::infinite, waiting_.at(job).check)
      .then(
        [this, job, worker](bool is_right) {
          on_done(job, worker, is_right);
        },
        [this](const caf::error& why) { self_->quit(why); });
  }

  void on_done(password_queue::job job, const hash_worker& worker,
               bool is_right) {
    options_.counters->add(guard_fact::passwd_hashed);
    queue_.on_done();
    idle_.push_back(worker);
    if (is_right)
      known_.insert(std::move(waiting_.at(job).mark), self_->clock().now());
    finish(job, is_right ? register_verdict::ok() : wrong());
    dispatch();
  }

  void finish(password_queue::job job, register_verdict said) {
    const auto found = waiting_.find(job);
    found->second.promise.deliver(answer(std::move(said)));
    waiting_.erase(found);
  }

  register_verdict wrong() {
    options_.counters->add(guard_fact::passwd_wrong);
    return refusal(reason_code::bad_user_name_or_password);
  }

  verifier_pointer self_;
  std::shared_ptr<const password_book> book_;
  password_verifier_options options_;
  password_queue queue_;
  verified_passwords known_;
  std::vector<hash_worker> idle_;
  std::map<password_queue::job, waiting_client> waiting_;
  password_queue::job next_job_ = 1;
};

} // namespace

hook_actor spawn_password_verifier(caf::actor_system& system,
                                   std::shared_ptr<const password_book> book,
                                   password_verifier_options options) {
  using implementation
    = caf::stateful_actor<password_verifier_state,
                          runtime::introspected<hook_actor::impl>>;
  return system.spawn<implementation>(std::move(book), std::move(options));
}

} // namespace hetzel::plugins
