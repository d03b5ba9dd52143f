#pragma once

#include "actors/messaging/index/node_pool.hpp"
#include "actors/messaging/index/slot_table.hpp"
#include "actors/messaging/index/stored_text.hpp"
#include "actors/messaging/index/subscriber_list.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace hetzel::messaging {

/// A filter without wildcard; one cache line.
struct alignas(64) whole_name {
  subscriber_list list;
  /// Of the mountpoint, in the filter_tree.
  node_id root = 0;
  std::uint32_t hash = 0;
  stored_text<38> topic_filter;
};

static_assert(sizeof(whole_name) == 64);

/// The filters without wildcard, found by the hash of the whole text.
class whole_names {
public:
  whole_names(std::uint64_t hash_seed, std::shared_ptr<chunk_arena> arena)
    : seed_(hash_seed), nodes_(std::move(arena)) {}

  [[nodiscard]] std::uint32_t hash_of(node_id root,
                                      mqtt::bytes_view text) const noexcept;

  /// For a text whose topic_key is known.
  [[nodiscard]] std::uint32_t hash_of(node_id root,
                                      std::uint64_t text_hash) const noexcept;

  /// Zero: there is none.
  [[nodiscard]] node_id find(node_id root, mqtt::bytes_view text,
                             std::uint32_t hash) const noexcept;
  [[nodiscard]] node_id make(node_id root, mqtt::bytes_view text);
  void free(node_id id) noexcept;

  [[nodiscard]] whole_name& at(node_id id) noexcept { return nodes_.at(id); }

  [[nodiscard]] const whole_name& at(node_id id) const noexcept {
    return nodes_.at(id);
  }

  /// Ask for the memory that `find` will read: first this one, …
  void prefetch_slot(std::uint32_t hash) const noexcept {
    slots_.prefetch(hash);
  }

  /// … some hundred cycles later this one.
  void prefetch_name(std::uint32_t hash) const noexcept {
    if (const auto likely = slots_.candidate(hash))
      nodes_.prefetch(likely);
  }

  [[nodiscard]] std::size_t size() const noexcept { return slots_.size(); }
  [[nodiscard]] std::size_t memory_bytes() const noexcept;

private:
  std::uint64_t seed_;
  node_pool<whole_name, &whole_name::root> nodes_;
  slot_table slots_;
  std::size_t text_bytes_ = 0;
};

} // namespace hetzel::messaging
