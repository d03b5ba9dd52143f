#include "plugins/guards/guards.hpp"

#include "plugins/acl/acl_plugin.hpp"
#include "plugins/bans/ban_plugin.hpp"
#include "plugins/crypto/digest.hpp"
#include "plugins/files/text_file.hpp"
#include "plugins/guards/settings_text.hpp"
#include "plugins/jwt/jwt_plugin.hpp"
#include "plugins/passwd/passwd_plugin.hpp"
#include "plugins/scram/scram_plugin.hpp"

#include <caf/actor_cast.hpp>

#include <utility>

namespace hetzel::plugins {

namespace {

constexpr std::size_t secret_size = 32;

plugin_spec spec_of(std::string name, const guard_switch& chosen,
                    hook_set hooks, std::string settings) {
  plugin_spec spec;
  spec.name = std::move(name);
  spec.is_on = chosen.is_on;
  spec.priority = chosen.priority;
  spec.hooks = hooks;
  spec.settings = std::move(settings);
  // Its files have been looked at when the node begins to listen.
  spec.confirms_start = true;
  return spec;
}

/// Starts a plugin whose content `make` makes anew at each start.
template <class Make>
auto starting(file_plugin_options options, Make make) {
  return [options = std::move(options),
          make = std::move(make)](const plugin_port_ptr& port) {
    return caf::actor_cast<caf::strong_actor_ptr>(
      spawn_file_plugin(port, make(), options));
  };
}

} // namespace

guards::guards(std::filesystem::path data_dir, const bans_config& bans)
  : data_dir_(std::move(data_dir)),
    bans_({data_dir_ / "bans", bans.flapping, &counters_}) {}

mqtt::expected<void, std::string> guards::open() {
  const auto path = data_dir_ / "scram.secret";
  if (auto kept = read_text_file(path); kept && kept->size() == secret_size) {
    stand_in_secret_ = std::move(*kept);
  } else {
    stand_in_secret_ = random_bytes(secret_size);
    if (auto made = replace_text_file(path, stand_in_secret_); !made)
      return made;
  }
  return bans_.open();
}

std::vector<plugin_spec> guards::specs(const guards_config& config) {
  return {passwd_spec(config), acl_spec(config), jwt_spec(config),
          scram_spec(config), bans_spec(config)};
}

plugin_spec guards::passwd_spec(const guards_config& config) {
  const auto& own = config.passwd;
  auto spec = spec_of("vmq_passwd", own.chosen, passwd_hooks,
                      settings_text(own.file, own.reload_interval.count(),
                                    own.hash_workers, own.hash_waiting_max,
                                    own.cache_time.count()));
  spec.start = starting(options(spec.name, own.reload_interval), [this, own] {
    return make_passwd_file(own, counters_);
  });
  return spec;
}

plugin_spec guards::acl_spec(const guards_config& config) {
  const auto& own = config.acl;
  auto spec = spec_of("vmq_acl", own.chosen,
                      acl_hooks(own.revoke_subscriptions),
                      settings_text(own.file, own.reload_interval.count(),
                                    own.covers_shared,
                                    own.revoke_subscriptions));
  spec.start = starting(options(spec.name, own.reload_interval), [this, own] {
    return make_acl_file(own, counters_, acl_clients_);
  });
  return spec;
}

plugin_spec guards::jwt_spec(const guards_config& config) {
  const auto& own = config.jwt;
  const auto& claims = own.options;
  auto spec = spec_of(
    "jwt", own.chosen, jwt_hooks(),
    settings_text(own.secret_file, own.key_file, own.jwks_file,
                  own.reload_interval.count(), claims.leeway.count(),
                  claims.expiry_required, claims.issuer, claims.audience,
                  claims.user_claim, claims.must_match_user,
                  claims.client_id_claim, claims.acl_claim));
  spec.start = starting(options(spec.name, own.reload_interval), [this, own] {
    return make_jwt_files(own, counters_);
  });
  return spec;
}

plugin_spec guards::scram_spec(const guards_config& config) {
  const auto& own = config.scram;
  auto spec = spec_of("scram", own.chosen, scram_hooks(),
                      settings_text(own.file, own.reload_interval.count()));
  spec.start = starting(options(spec.name, own.reload_interval), [this, own] {
    return make_scram_file(own, stand_in_secret_, counters_);
  });
  return spec;
}

/// Bans hold without it; it only watches who flaps.
plugin_spec guards::bans_spec(const guards_config& config) {
  const guard_switch chosen{config.bans.flapping.disconnects_max > 0, {}};
  auto spec = spec_of("bans", chosen, ban_hooks, {});
  spec.start = starting(options(spec.name, {}),
                        [this] { return make_ban_watch(bans_); });
  return spec;
}

file_plugin_options guards::options(std::string name,
                                    std::chrono::seconds interval) {
  return {std::move(name), interval, &counters_, &bell_};
}

} // namespace hetzel::plugins
