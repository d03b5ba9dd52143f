#include "cluster/broadcast/broadcast.hpp"
#include "cluster/broadcast/broadcast_codec.hpp"
#include "protocol/assert.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// A letter and bytes of a peer: 'm' one message, which comes back from its own
/// encoding as it was; 'c' a life of a core among ten nodes, as steps of a
/// letter, a peer (one byte) and for 'm' a length (one byte) and a message. The
/// core keeps its bounds whatever it hears.

using namespace hetzel::cluster;

namespace {

void try_message(std::string_view bytes) {
  auto message = decode_broadcast(bytes);
  if (!message)
    return;
  if (auto* told = std::get_if<digest>(&*message))
    for (auto& entry : told->entries)
      HETZEL_ASSERT(entry.clock.minus(entry.clock).empty());
  HETZEL_ASSERT(encode_broadcast(*message) == bytes);
}

constexpr std::uint64_t nodes = 10;

/// A node that believes whatever it is told.
class lone_node final : shard_reports, broadcast_sink {
public:
  lone_node() : reports_(2), core_(options(), *this, *this, random(), {}) {
    std::vector<broadcast_member> members;
    for (std::uint64_t n = 1; n <= nodes; ++n)
      members.push_back({store_id{n}, generation{1}, member_state::up,
                         n % 2 == 0 ? "even" : "odd", {actor_id{n}}});
    core_.set_members(std::move(members), 1, now_);
    for (std::uint64_t n = 2; n < nodes; ++n)
      core_.on_link_up(store_id{n});
  }

  void live(std::string_view steps) {
    while (steps.size() >= 2) {
      auto kind = steps[0];
      auto from = store_id{1 + static_cast<std::uint8_t>(steps[1]) % nodes};
      steps.remove_prefix(2);
      if (kind == 'm') {
        auto size = steps.empty() ? 0U : static_cast<std::uint8_t>(steps[0]);
        auto bytes = steps.substr(steps.empty() ? 0 : 1, size);
        steps.remove_prefix(bytes.size() + (steps.empty() ? 0 : 1));
        (void) core_.on_message(from, bytes, now_);
      } else {
        step(kind, from);
      }
      check();
    }
  }

private:
  static broadcast_options options() {
    broadcast_options made;
    made.store = store_id{1};
    made.metadata_queue_bytes_max = 1000;
    made.control_queue_bytes_max = 500;
    return made;
  }
  static std::mt19937_64 random() { return std::mt19937_64{1}; }

  void step(char kind, store_id peer) {
    auto frame = std::make_shared<const std::string>(100, 'f');
    switch (kind) {
      case 'l':
        return core_.on_local(frame);
      case 'n':
        return core_.on_new(peer, store_id{3}, frame);
      case 'd':
        return core_.on_duplicate(peer, store_id{3}, now_);
      case 'u':
        return core_.on_link_up(peer);
      case 'x':
        return core_.on_link_down(peer);
      case 's':
        return core_.on_sent(peer, link_queue::metadata, 300);
      case 'c':
        return core_.on_sent(peer, link_queue::control, 300);
      default:
        now_ += std::chrono::milliseconds{100};
        core_.tick(now_);
    }
  }

  void check() const {
    HETZEL_ASSERT(core_.trees().size() <= nodes);
    HETZEL_ASSERT(core_.lagging() <= reports_.size());
    for (auto& [root, tree] : core_.trees())
      for (auto peer : tree.eager()) {
        HETZEL_ASSERT(peer != root && !tree.lazy().contains(peer));
        HETZEL_ASSERT(core_.peers().link(peer) != nullptr);
      }
    for (auto peer : core_.peers().reachable()) {
      auto* link = core_.peers().link(peer);
      HETZEL_ASSERT(link->metadata_bytes <= 1000);
      HETZEL_ASSERT(link->control_bytes <= 500);
    }
  }

  [[nodiscard]] std::size_t shards() const override {
    return reports_.size();
  }
  [[nodiscard]] const shard_report& report(shard_no shard) const override {
    return reports_.at(static_cast<std::size_t>(shard));
  }
  void send(store_id to, link_queue, shared_bytes) override {
    HETZEL_ASSERT(core_.peers().link(to) != nullptr);
  }
  bool start_pull(shard_no shard, store_id) override {
    HETZEL_ASSERT(static_cast<std::size_t>(shard) < reports_.size());
    return true;
  }
  void on_row(shard_no shard, store_id, const version_vector&,
              std::uint64_t) override {
    HETZEL_ASSERT(static_cast<std::size_t>(shard) < reports_.size());
  }
  void on_other_membership(store_id, std::uint64_t) override {}

  broadcast::time_point now_{};
  std::vector<shard_report> reports_;
  broadcast core_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (text.empty())
    return 0;
  if (text[0] == 'c')
    lone_node{}.live(text.substr(1));
  else
    try_message(text.substr(1));
  return 0;
}
