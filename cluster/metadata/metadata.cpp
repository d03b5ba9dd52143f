#include "cluster/metadata/metadata.hpp"

#include "actors/runtime/log.hpp"
#include "cluster/swc/record_codec.hpp"
#include "cluster/swc/resolver.hpp"
#include "cluster/swc/storage_layout.hpp"

#include <caf/actor_cast.hpp>
#include <caf/init_global_meta_objects.hpp>

#include <string>
#include <utility>

namespace hetzel::cluster {

metadata::metadata(std::unique_ptr<persistence::key_value_store> store,
                   store_identity identity, metadata_listener* listener)
  : store_(std::move(store)),
    identity_(std::move(identity)),
    listener_(listener),
    groups_(identity_.groups),
    unsettled_(identity_.groups) {}

metadata::~metadata() = default;

persistence::errc metadata::for_each(record_kind kind, const visitor& visit) {
  const auto records = store_->snapshot();
  for (unsigned group = 0; group < identity_.groups; ++group) {
    const auto code = for_each_in_group(static_cast<std::uint8_t>(group), kind,
                                        *records, visit);
    if (code != persistence::errc::none)
      return code;
  }
  return persistence::errc::none;
}

persistence::errc metadata::for_each_in_group(
  std::uint8_t group, record_kind kind, const persistence::reader& records,
  const visitor& visit) {
  const auto letter = static_cast<char>(kind);
  const auto first = record_key(shard_no{group}, {&letter, 1});
  const resolver_table resolvers;
  const auto cursor = records.scan(first, persistence::behind_prefix(first));
  for (; cursor->valid(); cursor->next()) {
    const auto key_bytes = cursor->key().substr(first.size() - 1);
    const auto key = decode_metadata_key(key_bytes);
    const auto record = decode_record(cursor->value());
    if (!key || !record) {
      note_damage(key ? sentence(record.error()) : sentence(key.error()));
      continue;
    }
    if (const auto* shown = resolvers.visible(key_bytes, *record))
      visit(*key, shown->value);
  }
  return cursor->status();
}

void metadata::note_damage(std::string_view what) {
  ++counters_.damaged_records;
  runtime::log::error("metadata.damaged_record",
                      {{"error", std::string{what}}});
}

runtime::supervisor_spec metadata_supervisor(caf::actor_system& system,
                                             metadata& all,
                                             metadata_group_options options) {
  runtime::supervisor_spec spec;
  spec.name = "metadata";
  for (unsigned i = 0; i < all.group_count(); ++i) {
    const auto number = static_cast<std::uint8_t>(i);
    runtime::child_spec child;
    child.name = "group-" + std::to_string(i);
    child.start = [&system, &all, number, options] {
      return caf::actor_cast<caf::strong_actor_ptr>(
        spawn_metadata_group(system, all, number, options));
    };
    child.on_started = [&all, i](const caf::strong_actor_ptr& started) {
      all.groups_[i].set(caf::actor_cast<metadata_group>(started));
    };
    spec.children.push_back(std::move(child));
  }
  return spec;
}

void register_types() {
  caf::init_global_meta_objects<caf::id_block::hetzel_cluster>();
}

} // namespace hetzel::cluster
