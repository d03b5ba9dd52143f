#include "plugins/acl/acl_plugin.hpp"

#include "actors/runtime/log.hpp"
#include "plugins/files/plugin_file.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace hetzel::plugins {

namespace {

using mqtt::reason_code;

acl_client acl_client_of(const client& who) noexcept {
  return {who.id.mountpoint, who.id.client_id, who.user_name};
}

class acl_evaluator final : public evaluator {
public:
  acl_evaluator(acl_index rules, guard_counters& counters,
                known_clients* clients)
    : rules_(std::move(rules)), counters_(counters), clients_(clients) {}

  hook_set hooks() const noexcept override {
    return acl_hooks(clients_ != nullptr);
  }

  publish_verdict
  auth_on_publish(const publish_request& asked) const override {
    const auto who = acl_client_of(asked.client);
    switch (rules_.may_publish(who, asked.topic_name)) {
      case acl_verdict::allow:
        return publish_verdict::ok();
      case acl_verdict::deny:
        counters_.add(guard_fact::acl_denied);
        return publish_verdict::error(reason_code::not_authorized);
      case acl_verdict::next:
        break;
    }
    return publish_verdict::next();
  }

  /// Filters that nobody denies are judged as a whole, as in VerneMQ. Those
  /// that are denied are refused one by one when all others are allowed.
  subscribe_verdict
  auth_on_subscribe(const subscribe_request& asked) const override {
    const auto who = acl_client_of(asked.client);
    std::vector<acl_verdict> found;
    for (const auto& topic : asked.topics)
      found.push_back(rules_.may_subscribe(who, topic.topic_filter));
    const auto has = [&](acl_verdict what) {
      return std::ranges::find(found, what) != found.end();
    };
    if (has(acl_verdict::deny))
      counters_.add(guard_fact::acl_denied);
    else
      return has(acl_verdict::next) ? subscribe_verdict::next()
                                    : subscribe_verdict::ok();
    if (has(acl_verdict::next) || !has(acl_verdict::allow))
      return subscribe_verdict::error(reason_code::not_authorized);
    return subscribe_verdict::ok(choices(asked, found));
  }

  void on_register(const register_request& told) const override {
    clients_->put(told.client);
  }
  void on_client_gone(const session_event& event) const override {
    clients_->remove(event.id);
  }
  void on_session_expired(const session_event& event) const override {
    clients_->remove(event.id);
  }

private:
  static subscribe_modifiers choices(const subscribe_request& asked,
                                     const std::vector<acl_verdict>& found) {
    subscribe_modifiers chosen;
    for (std::size_t i = 0; i < found.size(); ++i) {
      const auto& topic = asked.topics[i];
      chosen.topics.push_back(
        {std::string{topic.topic_filter},
         found[i] == acl_verdict::allow
           ? static_cast<reason_code>(topic.options.quality)
           : reason_code::not_authorized,
         topic.options});
    }
    return chosen;
  }

  acl_index rules_;
  guard_counters& counters_;
  known_clients* clients_;
};

class acl_file final : public file_backed {
public:
  acl_file(acl_config config, guard_counters& counters,
           known_clients& clients)
    : config_(std::move(config)),
      counters_(counters),
      clients_(config_.revoke_subscriptions ? &clients : nullptr),
      file_("acl", config_.file) {}

  std::vector<std::filesystem::path> files() const override {
    return {file_.path()};
  }

  mqtt::expected<void, std::string> load(plugin_port& port) override {
    const auto text = file_.read();
    if (!text)
      return mqtt::unexpected(text.error());
    const auto parsed = parse_acl(*text);
    if (!parsed)
      return mqtt::unexpected(file_.sentence(parsed.error()));
    for (const auto& one : parsed->warnings)
      log::warning("acl.line", {{"what", file_.sentence(one)}});
    rules_ = parsed->rules.size();
    port.publish(make_acl_evaluator(
      acl_index{parsed->rules, {.covers_shared = config_.covers_shared}},
      counters_, clients_));
    return {};
  }

  void settle(plugin_port& port) override {
    if (clients_ != nullptr)
      revoke_subscriptions(port.broker(), clients_->all(), counters_);
  }

  runtime::state_entries snapshot() const override {
    return {{"file", file_.path().string()},
            {"rules", std::to_string(rules_)}};
  }

private:
  acl_config config_;
  guard_counters& counters_;
  known_clients* clients_;
  plugin_file file_;
  std::size_t rules_ = 0;
};

} // namespace

hook_set acl_hooks(bool remembers_clients) noexcept {
  hook_set named{hook::auth_on_publish, hook::auth_on_subscribe};
  if (remembers_clients)
    named.insert({hook::on_register, hook::on_client_gone,
                  hook::on_session_expired});
  return named;
}

evaluator_ptr make_acl_evaluator(acl_index rules, guard_counters& counters,
                                 known_clients* clients) {
  return std::make_shared<const acl_evaluator>(std::move(rules), counters,
                                               clients);
}

std::unique_ptr<file_backed> make_acl_file(acl_config config,
                                           guard_counters& counters,
                                           known_clients& clients) {
  return std::make_unique<acl_file>(std::move(config), counters, clients);
}

} // namespace hetzel::plugins
