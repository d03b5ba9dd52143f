#include "plugins/passwd/passwd_plugin.hpp"

#include "plugins/files/plugin_file.hpp"
#include "plugins/passwd/password_verifier.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>

#include <optional>
#include <utility>
#include <vector>

namespace hetzel::plugins {

namespace {

using mqtt::reason_code;

class passwd_evaluator final : public evaluator {
public:
  passwd_evaluator(std::shared_ptr<const password_table> table,
                   guard_counters& counters)
    : table_(std::move(table)), counters_(counters) {}

  hook_set hooks() const noexcept override { return passwd_hooks; }

  register_verdict
  auth_on_register(const register_request& asked) const override {
    const auto found
      = judge_password(*table_, asked.client.user_name, asked.password);
    switch (found.verdict) {
      case password_verdict::next:
        return register_verdict::next();
      case password_verdict::right:
        return register_verdict::ok();
      // Not in a table of this kind.
      case password_verdict::slow:
      case password_verdict::wrong:
        break;
    }
    counters_.add(guard_fact::passwd_wrong);
    return register_verdict::error(reason_code::bad_user_name_or_password);
  }

private:
  std::shared_ptr<const password_table> table_;
  guard_counters& counters_;
};

class passwd_file final : public file_backed {
public:
  passwd_file(passwd_config config, guard_counters& counters)
    : config_(std::move(config)),
      counters_(counters),
      file_("passwd", config_.file) {}

  std::vector<std::filesystem::path> files() const override {
    return {file_.path()};
  }

  mqtt::expected<void, std::string> load(plugin_port& port) override {
    const auto text = file_.read();
    if (!text)
      return mqtt::unexpected(text.error());
    auto parsed = password_table::parse(*text);
    if (!parsed)
      return mqtt::unexpected(file_.sentence(parsed.error()));
    const auto table
      = std::make_shared<const password_table>(std::move(*parsed));
    users_ = table->size();
    publish(table, port);
    return {};
  }

  std::vector<caf::strong_actor_ptr> companions() const override {
    if (!verifier_)
      return {};
    return {caf::actor_cast<caf::strong_actor_ptr>(*verifier_)};
  }

  runtime::state_entries snapshot() const override {
    return {{"file", file_.path().string()},
            {"users", std::to_string(users_)},
            {"hashed_by", verifier_ ? "workers" : "reactors"}};
  }

private:
  void publish(const std::shared_ptr<const password_table>& table,
               plugin_port& port) {
    book_->replace(table);
    if (!table->has_slow())
      return port.publish(make_passwd_evaluator(table, counters_));
    if (!verifier_)
      verifier_ = spawn_password_verifier(
        port.system(), book_, {.config = config_, .counters = &counters_});
    port.publish(actor_offer{.actor = *verifier_, .hooks = passwd_hooks});
  }

  passwd_config config_;
  guard_counters& counters_;
  plugin_file file_;
  std::shared_ptr<password_book> book_ = std::make_shared<password_book>();
  std::optional<hook_actor> verifier_;
  std::size_t users_ = 0;
};

} // namespace

evaluator_ptr
make_passwd_evaluator(std::shared_ptr<const password_table> table,
                      guard_counters& counters) {
  return std::make_shared<const passwd_evaluator>(std::move(table), counters);
}

std::unique_ptr<file_backed> make_passwd_file(passwd_config config,
                                              guard_counters& counters) {
  return std::make_unique<passwd_file>(std::move(config), counters);
}

} // namespace hetzel::plugins
