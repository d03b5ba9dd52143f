#pragma once

#include "cluster/broadcast/broadcast.hpp"
#include "cluster/wire/byte_reader.hpp"
#include "cluster/wire/byte_writer.hpp"

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hetzel::test {

/// A write in a network of broadcast cores: who wrote it, in which shard, as
/// which of its writes there. The actor of store n is 100 + n.
struct network_write {
  cluster::store_id root{};
  cluster::shard_no shard{};
  std::uint64_t counter = 0;

  auto operator<=>(const network_write&) const = default;

  static network_write of(cluster::shard_no shard, cluster::actor_id actor,
                          std::uint64_t counter) {
    return {cluster::store_id{static_cast<std::uint64_t>(actor) - 100}, shard,
            counter};
  }
  [[nodiscard]] cluster::dot dot() const {
    return {cluster::actor_id{100 + static_cast<std::uint64_t>(root)}, counter};
  }
  [[nodiscard]] std::string encode(std::size_t padding) const {
    std::string bytes;
    cluster::byte_writer out{bytes};
    out.u64(static_cast<std::uint64_t>(root));
    out.u8(static_cast<std::uint8_t>(shard));
    out.u64(counter);
    bytes.append(padding, '.');
    return bytes;
  }
  static network_write decode(std::string_view bytes) {
    cluster::byte_reader in{bytes};
    network_write made;
    made.root = cluster::store_id{in.u64()};
    made.shard = cluster::shard_no{in.u8()};
    made.counter = in.u64();
    return made;
  }
};

struct network_options {
  std::size_t nodes = 9;
  std::uint64_t seed = 1;
  cluster::broadcast_options node{};
  std::size_t shards = 2;
  std::size_t zones = 1;
  /// Of a hundred frames and messages so many get lost.
  unsigned loss_percent = 0;
  /// One way, within and between zones.
  std::chrono::milliseconds latency_near{2};
  std::chrono::milliseconds latency_far{20};
  std::chrono::milliseconds commit{1};
  std::size_t padding = 100;
};

class network_node;

/// What the network does for its nodes.
class network_links {
public:
  virtual ~network_links() = default;

  virtual void carry(network_node& from, cluster::store_id to,
                     cluster::link_queue queue, cluster::shared_bytes bytes)
    = 0;
  virtual bool pull(network_node& at, cluster::shard_no shard,
                    cluster::store_id peer)
    = 0;
};

/// A broadcast core over clocks alone, and what is counted of it.
class network_node final : public cluster::shard_reports,
                           public cluster::broadcast_sink {
public:
  network_links* net = nullptr;
  cluster::store_id store{};
  std::string zone;
  std::vector<cluster::shard_report> reports;
  std::set<cluster::shard_no> pulling;
  /// Copies of frames that came, and those that were known.
  std::map<network_write, std::size_t> copies;
  std::map<network_write, std::chrono::steady_clock::time_point> reached;
  std::map<network_write, std::chrono::steady_clock::time_point> shown;
  std::unique_ptr<cluster::broadcast> core;
  std::size_t pulls = 0;

  [[nodiscard]] std::size_t shards() const override {
    return reports.size();
  }
  [[nodiscard]] const cluster::shard_report&
  report(cluster::shard_no shard) const override {
    return reports.at(static_cast<std::size_t>(shard));
  }
  void send(cluster::store_id to, cluster::link_queue queue,
            cluster::shared_bytes bytes) override {
    net->carry(*this, to, queue, std::move(bytes));
  }
  bool start_pull(cluster::shard_no shard, cluster::store_id peer) override {
    return net->pull(*this, shard, peer);
  }
  void on_row(cluster::shard_no, cluster::store_id,
              const cluster::version_vector&, std::uint64_t) override {}
  void on_other_membership(cluster::store_id, std::uint64_t) override {}
};

} // namespace hetzel::test
