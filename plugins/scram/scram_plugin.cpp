#include "plugins/scram/scram_plugin.hpp"

#include "plugins/files/plugin_file.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace hetzel::plugins {

namespace {

using mqtt::reason_code;

struct scram_state final : auth_state {
  explicit scram_state(scram_exchange begun) : exchange(std::move(begun)) {}

  scram_exchange exchange;
};

class scram_evaluator final : public evaluator {
public:
  scram_evaluator(scram_users_ptr users, guard_counters& counters)
    : users_(std::move(users)), counters_(counters) {}

  hook_set hooks() const noexcept override { return scram_hooks(); }

  auth_verdict on_auth(const auth_request& asked,
                       auth_state_ptr& state) const override {
    const auto mechanism = find_mechanism(asked.method);
    if (!mechanism)
      return auth_verdict::next();
    if (!state)
      state = std::make_unique<scram_state>(
        scram_exchange{*mechanism, users_, make_scram_nonce()});
    auto& exchange = static_cast<scram_state&>(*state).exchange;
    auto step = exchange.on_data(asked.data);
    if (mqtt::is_error(step.code)) {
      counters_.add(guard_fact::scram_refused);
      return auth_verdict::error(step.code);
    }
    auth_modifiers said;
    said.code = step.code;
    said.data = std::move(step.data);
    if (step.code == reason_code::success)
      said.user_name = exchange.user();
    return auth_verdict::ok(std::move(said));
  }

  /// Asked behind the exchange, and only when that has succeeded.
  register_verdict
  auth_on_register(const register_request& asked) const override {
    return find_mechanism(asked.auth_method) ? register_verdict::ok()
                                             : register_verdict::next();
  }

private:
  scram_users_ptr users_;
  guard_counters& counters_;
};

class scram_file final : public file_backed {
public:
  scram_file(const scram_config& config, std::string secret,
             guard_counters& counters)
    : file_("scram", config.file),
      secret_(std::move(secret)),
      counters_(counters) {}

  std::vector<std::filesystem::path> files() const override {
    return {file_.path()};
  }

  mqtt::expected<void, std::string> load(plugin_port& port) override {
    const auto text = file_.read();
    if (!text)
      return mqtt::unexpected(text.error());
    auto table = scram_table::parse(*text);
    if (!table)
      return mqtt::unexpected(file_.sentence(table.error()));
    users_ = table->size(scram_mechanism::sha256)
             + table->size(scram_mechanism::sha512);
    port.publish(make_scram_evaluator(
      std::make_shared<const scram_users>(
        scram_users{std::move(*table), secret_}),
      counters_));
    return {};
  }

  runtime::state_entries snapshot() const override {
    return {{"file", file_.path().string()},
            {"entries", std::to_string(users_)}};
  }

private:
  plugin_file file_;
  std::string secret_;
  guard_counters& counters_;
  std::size_t users_ = 0;
};

} // namespace

hook_set scram_hooks() noexcept {
  return hook_set{}
    .insert(hook::on_auth, hook_form::v5)
    .insert(hook::auth_on_register, hook_form::v5);
}

evaluator_ptr make_scram_evaluator(scram_users_ptr users,
                                   guard_counters& counters) {
  return std::make_shared<const scram_evaluator>(std::move(users), counters);
}

std::unique_ptr<file_backed> make_scram_file(const scram_config& config,
                                             std::string stand_in_secret,
                                             guard_counters& counters) {
  return std::make_unique<scram_file>(config, std::move(stand_in_secret),
                                      counters);
}

} // namespace hetzel::plugins
