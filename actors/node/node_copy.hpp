#pragma once

#include "persistence/checkpoint.hpp"
#include "persistence/reader.hpp"
#include "persistence/store_options.hpp"
#include "protocol/expected.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace hetzel::cluster {
class metadata;
} // namespace hetzel::cluster

namespace hetzel::messaging {
class message_disk;
} // namespace hetzel::messaging

namespace hetzel::node {

/// What a node has on disk at one instant, being copied into a new data
/// directory, in steps by one thread.
///
/// The instant is one at which no shard of the message store is in the midst
/// of a commit; snapshots of all of them and of the metadata are taken then. So
/// the copy is what `kill -9` at that instant would have left: all that was
/// acknowledged before it is there, and a node starts from it as it does after
/// a kill. It grows as `to`.copying, which goes with this object unless it was
/// completed.
class node_copy {
public:
  /// `to` must not exist, its parent must, and it must not be in `data_dir`.
  /// Blocks for the length of a commit. The error is a sentence.
  [[nodiscard]] static mqtt::expected<std::unique_ptr<node_copy>, std::string>
  begin(cluster::metadata& metadata, messaging::message_disk& messages,
        const std::filesystem::path& data_dir,
        const std::filesystem::path& to);

  ~node_copy();

  node_copy(const node_copy&) = delete;
  node_copy& operator=(const node_copy&) = delete;

  /// Copies about a megabyte more. True: that was the last, and the copy is at
  /// `to` as a whole, synced. After an error, a sentence, there is none.
  [[nodiscard]] mqtt::expected<bool, std::string> step();

  /// So far.
  [[nodiscard]] persistence::checkpoint_report report() const noexcept;

  [[nodiscard]] std::size_t stores() const noexcept { return parts_.size(); }
  [[nodiscard]] std::size_t stores_done() const noexcept { return done_; }

  [[nodiscard]] const std::filesystem::path& to() const noexcept {
    return to_;
  }

private:
  struct part {
    std::shared_ptr<const persistence::reader> from;
    std::filesystem::path to;
    persistence::store_options options{};
  };

  explicit node_copy(std::filesystem::path to);

  void take_snapshots(cluster::metadata& metadata,
                      messaging::message_disk& messages);
  [[nodiscard]] std::string make_folders() const;
  [[nodiscard]] mqtt::expected<bool, std::string> step_of(part& one);
  [[nodiscard]] mqtt::expected<bool, std::string> complete();
  [[nodiscard]] std::string mark() const;
  void give_up() noexcept;

  std::filesystem::path to_;
  std::filesystem::path growing_;
  std::vector<part> parts_;
  std::size_t done_ = 0;
  std::unique_ptr<persistence::checkpoint_copy> under_way_;
  persistence::checkpoint_report before_; ///< of the parts that are done
};

} // namespace hetzel::node
