#include "plugins/jwt/jwt_plugin.hpp"

#include "actors/runtime/log.hpp"
#include "plugins/files/plugin_file.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace hetzel::plugins {

namespace {

using mqtt::bytes_view;
using mqtt::reason_code;
using std::chrono::seconds;
using std::chrono::system_clock;

/// What a token says of its bearer's topics.
struct token_topics final : session_attachment {
  explicit token_topics(std::shared_ptr<const acl_index> of)
    : acl(std::move(of)) {}

  std::shared_ptr<const acl_index> acl;
};

acl_client acl_client_of(const client& who) noexcept {
  return {who.id.mountpoint, who.id.client_id, who.user_name};
}

/// Null: the session's token says nothing about topics, or there is none.
const acl_index* topics_of(const client& who) noexcept {
  const auto* kept
    = dynamic_cast<const token_topics*>(who.attachment.get());
  return kept == nullptr ? nullptr : kept->acl.get();
}

class jwt_evaluator final : public evaluator {
public:
  jwt_evaluator(std::shared_ptr<const jwt_rules> rules, wall_clock now,
                guard_counters& counters)
    : rules_(std::move(rules)), now_(std::move(now)), counters_(counters) {}

  hook_set hooks() const noexcept override { return jwt_hooks(); }

  /// What is no token is left to others, with whom users may have passwords.
  register_verdict
  auth_on_register(const register_request& asked) const override {
    if (!asked.auth_method.empty())
      return asked.auth_method == jwt_method ? register_verdict::ok()
                                             : register_verdict::next();
    if (!asked.password)
      return register_verdict::next();
    const auto grant = check(*asked.password, asked.client);
    if (!grant && grant.error() == jwt_fault::malformed)
      return register_verdict::next();
    if (!grant) {
      note_refusal(asked.client, grant.error());
      return register_verdict::error(reason_code::bad_user_name_or_password);
    }
    register_modifiers given;
    give(*grant, given);
    return register_verdict::ok(std::move(given));
  }

  auth_verdict on_auth(const auth_request& asked,
                       auth_state_ptr&) const override {
    if (asked.method != jwt_method)
      return auth_verdict::next();
    const auto grant = check(asked.data, asked.client);
    if (!grant) {
      note_refusal(asked.client, grant.error());
      return auth_verdict::error(reason_code::not_authorized);
    }
    auth_modifiers given;
    given.code = reason_code::success;
    give(*grant, given);
    return auth_verdict::ok(std::move(given));
  }

  publish_verdict
  auth_on_publish(const publish_request& asked) const override {
    const auto* topics = topics_of(asked.client);
    if (topics == nullptr)
      return publish_verdict::next();
    const auto said
      = topics->may_publish(acl_client_of(asked.client), asked.topic_name);
    return said == acl_verdict::allow
             ? publish_verdict::ok()
             : publish_verdict::error(reason_code::not_authorized);
  }

  subscribe_verdict
  auth_on_subscribe(const subscribe_request& asked) const override {
    const auto* topics = topics_of(asked.client);
    if (topics == nullptr)
      return subscribe_verdict::next();
    const auto who = acl_client_of(asked.client);
    const auto is_allowed = [&](const mqtt::subscribe_entry& one) {
      return topics->may_subscribe(who, one.topic_filter)
             == acl_verdict::allow;
    };
    return std::ranges::all_of(asked.topics, is_allowed)
             ? subscribe_verdict::ok()
             : subscribe_verdict::error(reason_code::not_authorized);
  }

private:
  [[nodiscard]] mqtt::expected<jwt_grant, jwt_fault>
  check(bytes_view token, const client& who) const {
    return check_jwt(token, {who.id.client_id, who.user_name}, *rules_,
                     now_());
  }

  template <class Modifiers>
  void give(const jwt_grant& grant, Modifiers& into) const {
    into.user_name = grant.user_name;
    into.max_connection_lifetime = time_left(grant);
    into.attachment = std::make_shared<const token_topics>(grant.acl);
  }

  void note_refusal(const client& who, jwt_fault why) const {
    counters_.add(guard_fact::jwt_refused);
    log::info("jwt.refused",
              {{"client_id", who.id.client_id}, {"reason", to_string(why)}});
  }

  /// With the leeway, within which it was accepted too; at least a second.
  [[nodiscard]] std::optional<seconds> time_left(const jwt_grant& grant) const {
    if (!grant.expires)
      return std::nullopt;
    const auto end = *grant.expires + rules_->options.leeway;
    return std::max(seconds{1}, std::chrono::ceil<seconds>(end - now_()));
  }

  std::shared_ptr<const jwt_rules> rules_;
  wall_clock now_;
  guard_counters& counters_;
};

class jwt_files final : public file_backed {
public:
  jwt_files(jwt_config config, guard_counters& counters)
    : options_(std::move(config.options)), counters_(counters) {
    add(std::move(config.secret_file), &parse_jwt_secret);
    add(std::move(config.key_file), &parse_jwt_pem);
    add(std::move(config.jwks_file), &parse_jwks);
  }

  std::vector<std::filesystem::path> files() const override {
    std::vector<std::filesystem::path> paths;
    for (const auto& one : sources_)
      paths.push_back(one.file.path());
    return paths;
  }

  mqtt::expected<void, std::string> load(plugin_port& port) override {
    auto rules = std::make_shared<jwt_rules>();
    rules->options = options_;
    for (auto& one : sources_)
      if (auto read = one.read_into(rules->keys); !read)
        return read;
    keys_ = rules->keys.keys.size();
    port.publish(make_jwt_evaluator(std::move(rules),
                                    &system_clock::now, counters_));
    return {};
  }

  runtime::state_entries snapshot() const override {
    return {{"keys", std::to_string(keys_)}};
  }

private:
  struct source {
    plugin_file file;
    parsed_jwt_keys (*parse)(bytes_view);

    mqtt::expected<void, std::string> read_into(jwt_key_set& all) {
      const auto text = file.read();
      if (!text)
        return mqtt::unexpected(text.error());
      // Not there yet.
      if (text->empty())
        return {};
      auto parsed = parse(*text);
      if (!parsed)
        return mqtt::unexpected(file.sentence(parsed.error()));
      for (const auto& one : parsed->warnings)
        log::warning("jwt.key", {{"what", file.sentence(one)}});
      std::ranges::move(parsed->keys, std::back_inserter(all.keys));
      return {};
    }
  };

  void add(std::filesystem::path path, parsed_jwt_keys (*parse)(bytes_view)) {
    if (!path.empty())
      sources_.push_back({{"jwt", std::move(path)}, parse});
  }

  jwt_options options_;
  guard_counters& counters_;
  std::vector<source> sources_;
  std::size_t keys_ = 0;
};

} // namespace

hook_set jwt_hooks() noexcept {
  return hook_set{hook::auth_on_register, hook::auth_on_publish,
                  hook::auth_on_subscribe}
    .insert(hook::on_auth, hook_form::v5);
}

evaluator_ptr make_jwt_evaluator(std::shared_ptr<const jwt_rules> rules,
                                 wall_clock now, guard_counters& counters) {
  return std::make_shared<const jwt_evaluator>(std::move(rules),
                                               std::move(now), counters);
}

std::unique_ptr<file_backed> make_jwt_files(jwt_config config,
                                            guard_counters& counters) {
  return std::make_unique<jwt_files>(std::move(config), counters);
}

} // namespace hetzel::plugins
