#include "cluster/broadcast/broadcast_codec.hpp"
#include "cluster/broadcast/digest_writer.hpp"

#include <doctest/doctest.h>

#include <set>

namespace digest_writer_test {

using namespace hetzel::cluster;

namespace {

constexpr actor_id a{11};

struct reports final : shard_reports {
  explicit reports(std::size_t shards) : all(shards) {}

  [[nodiscard]] std::size_t shards() const override { return all.size(); }
  [[nodiscard]] const shard_report& report(shard_no shard) const override {
    return all.at(static_cast<std::size_t>(shard));
  }

  std::vector<shard_report> all;
};

std::vector<int> shards_of(const std::vector<digest>& digests) {
  std::vector<int> shards;
  for (auto& part : digests)
    for (auto& entry : part.entries)
      shards.push_back(static_cast<int>(entry.shard));
  return shards;
}

} // namespace

TEST_CASE("after the first beat all shards are news") {
  reports node{3};
  digest_writer digests{node};
  CHECK(digests.beat() == 1);
  CHECK(shards_of(digests.changed_after(0)) == std::vector{0, 1, 2});
}

TEST_CASE("a digest tells what changed since the beat it is asked for") {
  reports node{3};
  digest_writer digests{node};
  digests.beat();
  node.all[1].committed.add({a, 1});
  CHECK(shards_of(digests.changed_after(1)).empty());
  digests.beat();
  CHECK(shards_of(digests.changed_after(1)) == std::vector{1});
  node.all[2].stable.raise(a, 1);
  digests.beat();
  CHECK(shards_of(digests.changed_after(2)) == std::vector{2});
  CHECK(shards_of(digests.changed_after(1)) == std::vector{1, 2});
  CHECK(digests.changed_after(3).size() == 1);
}

TEST_CASE("a digest tells what is committed, not what has but arrived, and "
          "what of it is stable if that is less") {
  reports node{1};
  node.all[0].committed.add(a, {1, 5});
  node.all[0].known.add(a, {1, 9});
  node.all[0].stable = {{a, 5}};
  node.all[0].dots = 77;
  digest_writer digests{node};
  digests.beat();
  auto entry = digests.changed_after(0).at(0).entries.at(0);
  CHECK(entry.clock == node.all[0].committed);
  CHECK_FALSE(entry.stable.has_value());
  CHECK(entry.dots == 77);
  node.all[0].stable = {{a, 3}};
  digests.beat();
  entry = digests.changed_after(0).at(0).entries.at(0);
  CHECK(entry.stable == version_vector{{a, 3}});
}

TEST_CASE("clocks of many bytes go in several digests, each of which a peer "
          "takes; one that alone is too large is left out") {
  reports node{12};
  for (std::size_t shard = 0; shard < 11; ++shard)
    for (std::uint64_t n = 1; n <= 3000; ++n)
      node.all[shard].committed.add(actor_id{n}, {1, n});
  for (std::uint64_t n = 1; n <= 100'000; ++n)
    node.all[11].committed.add({a, 2 * n});
  digest_writer digests{node};
  digests.beat();
  auto parts = digests.changed_after(0);
  CHECK(parts.size() > 1);
  for (auto& part : parts) {
    auto bytes = encode_broadcast(part);
    CHECK(bytes.size() < broadcast_bytes_max / 2);
    CHECK(decode_broadcast(bytes).has_value());
  }
  CHECK(shards_of(parts)
        == std::vector{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  CHECK(digests.left_out() == 1);
}

} // namespace digest_writer_test
