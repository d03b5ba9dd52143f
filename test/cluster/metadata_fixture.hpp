#pragma once

#include "actors/runtime/log.hpp"
#include "actors/runtime/register_types.hpp"
#include "cluster/metadata/metadata.hpp"
#include "test/support/metadata_disk.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hetzel::test {

inline const bool cluster_types_are_registered = [] {
  runtime::register_types();
  cluster::register_types();
  // Tests provoke failures; their lines would only hide the one that matters.
  runtime::log::set_threshold(runtime::log::level::off);
  return true;
}();

/// "topic=value" of each change, "topic" of each delete.
class change_log final : public cluster::metadata_listener {
public:
  void on_metadata(const cluster::metadata_key& key,
                   std::optional<std::string_view> value) noexcept override {
    const std::lock_guard guard{mutex_};
    auto& line = lines_.emplace_back(key.subject);
    if (value)
      line.append("=").append(*value);
  }

  [[nodiscard]] std::vector<std::string> take() {
    const std::lock_guard guard{mutex_};
    return std::exchange(lines_, {});
  }

private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

inline cluster::metadata_key retained_topic(std::string_view topic_name) {
  return {cluster::record_kind::retained, "", topic_name, {}};
}

using changes = std::vector<
  std::pair<std::string_view, std::optional<std::string_view>>>;

/// Puts and deletes of topics, as one write.
inline cluster::metadata_write_ptr a_write(const changes& list) {
  auto write = std::make_shared<cluster::metadata_write>();
  for (const auto& [topic, value] : list) {
    auto& change = write->changes.emplace_back();
    change.key = encode(retained_topic(topic));
    if (value)
      change.value = *value;
  }
  return write;
}

/// The metadata of a node on a disk, with as many groups as asked.
struct metadata_fixture {
  explicit metadata_fixture(std::shared_ptr<metadata_disk> on
                            = metadata_disk::make(),
                            std::uint8_t groups = 1)
    : disk(std::move(on)),
      system(config),
      all(disk->open(), disk->identify(groups), &told),
      self(system) {}

  /// "topic=value" of all retained records, and the answer when it is not
  /// none.
  [[nodiscard]] std::vector<std::string> records() {
    std::vector<std::string> found;
    const auto code = all.for_each(
      cluster::record_kind::retained,
      [&](const cluster::metadata_key& key, std::string_view value) {
        found.push_back(std::string{key.subject} + "=" + std::string{value});
      });
    if (code != persistence::errc::none)
      found.push_back(std::string{persistence::name(code)});
    return found;
  }

  std::shared_ptr<metadata_disk> disk;
  change_log told;
  caf::actor_system_config config;
  caf::actor_system system;
  cluster::metadata all;
  caf::scoped_actor self;
};

} // namespace hetzel::test
