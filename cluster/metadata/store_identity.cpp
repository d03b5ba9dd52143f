#include "cluster/metadata/store_identity.hpp"

#include "cluster/errc.hpp"
#include "cluster/swc/storage_layout.hpp"
#include "cluster/wire/byte_reader.hpp"
#include "cluster/wire/byte_writer.hpp"

#include <limits>
#include <optional>
#include <utility>

namespace hetzel::cluster {

namespace {

constexpr std::uint8_t identity_version = 1;

std::string identity_key() {
  return {static_cast<char>(storage_table::node), 'i'};
}

std::string copy_key() {
  return {static_cast<char>(storage_table::node), 'c'};
}

std::string encode(const store_identity& identity) {
  std::string bytes;
  byte_writer out{bytes};
  out.u8(identity_version);
  out.u64(static_cast<std::uint64_t>(identity.store));
  out.u32(static_cast<std::uint32_t>(identity.opened));
  out.u8(identity.groups);
  out.u64(static_cast<std::uint64_t>(identity.actor));
  out.varint(identity.retired.size());
  for (const auto actor : identity.retired)
    out.u64(static_cast<std::uint64_t>(actor));
  return bytes;
}

expected<store_identity, errc> decode(std::string_view bytes) {
  byte_reader in{bytes};
  in.require(in.u8() == identity_version, errc::unknown_version);
  store_identity identity;
  identity.store = store_id{in.u64()};
  identity.opened = generation{in.u32()};
  identity.groups = in.u8();
  identity.actor = actor_id{in.u64()};
  identity.retired.resize(in.count(sizeof(std::uint64_t)));
  for (auto& actor : identity.retired)
    actor = actor_id{in.u64()};
  in.require(identity.groups > 0 && identity.store != store_id{}
             && identity.actor != actor_id{});
  if (const auto fault = in.finish(); fault != errc::none)
    return unexpected(fault);
  return identity;
}

std::uint64_t random_id(const identity_options& options) {
  std::uint64_t id = 0;
  while (id == 0)
    id = options.random();
  return id;
}

store_identity make_identity(const identity_options& options) {
  store_identity identity;
  identity.store = store_id{random_id(options)};
  identity.actor = actor_id{random_id(options)};
  identity.groups = options.groups;
  return identity;
}

unexpected<persistence::open_error> failure(persistence::errc code,
                                            std::string_view why) {
  return unexpected(persistence::open_error{
    code, "the identity of the metadata store: " + std::string{why}});
}

} // namespace

persistence::errc mark_as_copy(persistence::key_value_store& store) {
  persistence::write_batch batch;
  batch.put(copy_key(), {});
  return store.write(batch, persistence::durability::synced);
}

expected<store_identity, persistence::open_error>
open_identity(persistence::key_value_store& store,
              const identity_options& options) {
  const auto found = store.get(identity_key());
  if (!found)
    return failure(found.error(), persistence::sentence(found.error()));
  auto known = *found ? decode(**found)
                      : expected<store_identity, errc>{make_identity(options)};
  if (!known)
    return failure(known.error() == errc::unknown_version
                     ? persistence::errc::newer_layout
                     : persistence::errc::corrupt,
                   sentence(known.error()));
  const auto copied = store.get(copy_key());
  if (!copied)
    return failure(copied.error(), persistence::sentence(copied.error()));
  auto identity = *std::move(known);
  if (*found && (options.power_lost || *copied)) {
    identity.retired.push_back(
      std::exchange(identity.actor, actor_id{random_id(options)}));
    identity.has_rotated = true;
  }
  const auto opened = static_cast<std::uint32_t>(identity.opened);
  if (opened == std::numeric_limits<std::uint32_t>::max())
    return failure(persistence::errc::corrupt, "it was opened too often");
  identity.opened = generation{opened + 1};
  persistence::write_batch batch;
  batch.put(identity_key(), encode(identity));
  if (*copied)
    batch.erase(copy_key());
  if (const auto code = store.write(batch, persistence::durability::synced);
      code != persistence::errc::none)
    return failure(code, persistence::sentence(code));
  return identity;
}

} // namespace hetzel::cluster
