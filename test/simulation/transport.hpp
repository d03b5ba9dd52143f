#pragma once

#include "cluster/broadcast/broadcast.hpp"

#include <cstddef>
#include <deque>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hetzel::test {

/// A node of a run, for as long as it has its disk.
using node_no = std::size_t;

/// What a message means to the oracle, which it does not read from its bytes.
struct shadow;

struct letter {
  node_no from = 0;
  node_no to = 0;
  std::string bytes;
  std::shared_ptr<const shadow> meaning;
};

/// Brings write frames to the other nodes, somehow: what is in it may be lost,
/// doubled, late and out of order. It may have messages of its own for that,
/// which are under way beside the frames.
class transport {
public:
  virtual ~transport() = default;

  virtual void broadcast(node_no from, const std::vector<node_no>& to,
                         const std::string& bytes)
    = 0;

  /// How many frames are on their way.
  [[nodiscard]] virtual std::size_t size() const = 0;
  /// Takes one out.
  [[nodiscard]] virtual letter take(std::size_t index) = 0;
  /// The same, and leaves it in.
  [[nodiscard]] virtual letter copy(std::size_t index) const = 0;
  /// Frames and messages.
  virtual void clear() = 0;

  // -- messages of its own ----------------------------------------------------

  [[nodiscard]] virtual std::size_t messages() const { return 0; }
  [[nodiscard]] virtual letter take_message(std::size_t) { return {}; }
  virtual void on_message(const letter&) {}
  /// Time has passed at a node.
  virtual void tick(node_no) {}

  // -- what nodes say ---------------------------------------------------------

  /// A process began, with nothing in its memory.
  virtual void on_started(node_no) {}
  virtual void on_gone(node_no) {}
  virtual void on_members(node_no) {}
  virtual void on_cut(node_no, node_no) {}
  virtual void on_healed() {}
  /// A frame of the store was new, and is committed now; or it was known.
  virtual void on_new(const letter&, cluster::store_id) {}
  virtual void on_known(const letter&, cluster::store_id) {}
  virtual void on_pull_ended(node_no, bool) {}

  /// Some of what broadcast cores have counted, if there are any.
  [[nodiscard]] virtual cluster::broadcast_counters counted() const {
    return {};
  }
};

/// Everybody to everybody.
class mesh_transport final : public transport {
public:
  void broadcast(node_no from, const std::vector<node_no>& to,
                 const std::string& bytes) override {
    for (auto node : to)
      frames_.push_back({from, node, bytes, nullptr});
  }

  [[nodiscard]] std::size_t size() const override { return frames_.size(); }

  [[nodiscard]] letter take(std::size_t index) override {
    auto taken = std::move(frames_[index]);
    frames_.erase(frames_.begin() + static_cast<std::ptrdiff_t>(index));
    return taken;
  }

  [[nodiscard]] letter copy(std::size_t index) const override {
    return frames_[index];
  }

  void clear() override { frames_.clear(); }

private:
  std::vector<letter> frames_;
};

/// Links for pulls: in order while they hold; a cut link forgets all.
class sync_links {
public:
  void send(letter sent) {
    auto key = std::pair{sent.from, sent.to};
    links_[key].push_back(std::move(sent));
  }

  [[nodiscard]] bool empty() const noexcept { return links_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return links_.size(); }

  /// The oldest letter of the n-th link that has any.
  [[nodiscard]] letter take(std::size_t n) {
    auto link = std::next(links_.begin(), static_cast<std::ptrdiff_t>(n));
    auto taken = std::move(link->second.front());
    link->second.pop_front();
    if (link->second.empty())
      links_.erase(link);
    return taken;
  }

  /// The same, and leaves it in.
  [[nodiscard]] letter copy(std::size_t n) const {
    return std::next(links_.begin(), static_cast<std::ptrdiff_t>(n))
      ->second.front();
  }

  void cut(node_no a, node_no b) {
    links_.erase({a, b});
    links_.erase({b, a});
  }

  void clear() { links_.clear(); }

private:
  std::map<std::pair<node_no, node_no>, std::deque<letter>> links_;
};

} // namespace hetzel::test
