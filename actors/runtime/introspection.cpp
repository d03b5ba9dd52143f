#include "actors/runtime/introspection.hpp"

#include "actors/runtime/log.hpp"

#include <caf/exit_reason.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/sec.hpp>

#include <chrono>

namespace hetzel::runtime {

namespace {

thread_local spawning_scope* innermost_scope = nullptr;

mqtt::time_point read_clock() noexcept {
  return std::chrono::steady_clock::now();
}

// An error's context may be any message; only a lone text is for people.
bool is_text(const caf::message& context) {
  return context.match_elements<std::string>();
}

} // namespace

// -- birth --------------------------------------------------------------------

spawning_scope::spawning_scope(std::uint64_t parent, std::uint32_t restarts,
                               std::string last_failure)
  : parent_(parent),
    restarts_(restarts),
    last_failure_(std::move(last_failure)),
    outer_(std::exchange(innermost_scope, this)) {}

spawning_scope::~spawning_scope() { innermost_scope = outer_; }

birth_record birth_record::make() {
  birth_record result;
  result.time = read_clock();
  if (const spawning_scope* scope = innermost_scope) {
    result.parent = scope->parent_;
    result.restarts = scope->restarts_;
    if (!scope->last_failure_.empty())
      result.last_failure
        = std::make_unique<const std::string>(scope->last_failure_);
  }
  return result;
}

// -- failures -----------------------------------------------------------------

std::string failure_text(const caf::error& reason) {
  if (reason == caf::sec::runtime_error && is_text(reason.context()))
    return reason.context().get_as<std::string>(0);
  if (reason == caf::exit_reason::kill)
    return "killed";
  return caf::to_string(reason);
}

void detail::log_unexpected(caf::monitorable_actor& self, const char* event) {
  log::warning(event, {{"kind", self.name()}, {"id", self.id()}});
}

caf::error detail::on_exception(caf::monitorable_actor* self,
                                std::exception_ptr& failure) {
  std::string text = "unknown exception";
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    text = error.what();
  } catch (...) {
    // Not ours to know; the actor ends all the same.
    static_cast<void>(failure);
  }
  log::error("actor.failed",
             {{"kind", self->name()}, {"id", self->id()}, {"error", text}});
  return caf::make_error(caf::sec::runtime_error, std::move(text));
}

void detail::install_handlers(caf::scheduled_actor& self) {
  self.set_exception_handler(on_exception);
  self.set_default_handler([](caf::scheduled_actor* receiver, caf::message&) {
    log_unexpected(*receiver, "actor.unexpected_message");
    return caf::skippable_result{
      caf::make_error(caf::sec::unexpected_message)};
  });
  self.set_down_handler([](caf::scheduled_actor* receiver, caf::down_msg&) {
    log_unexpected(*receiver, "actor.unexpected_down");
  });
}

// -- description --------------------------------------------------------------

actor_description detail::describe(caf::monitorable_actor& self,
                                   const birth_record& birth,
                                   std::size_t mailbox_size,
                                   std::uint64_t messages_handled) {
  actor_description result;
  result.kind = self.name();
  result.id = self.id();
  result.parent = birth.parent;
  result.mailbox_size = mailbox_size;
  result.messages_handled = messages_handled;
  result.age = read_clock() - birth.time;
  result.restarts = birth.restarts;
  if (birth.last_failure)
    result.last_failure = *birth.last_failure;
  return result;
}

} // namespace hetzel::runtime
