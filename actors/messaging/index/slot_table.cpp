#include "actors/messaging/index/slot_table.hpp"

#include <utility>

namespace hetzel::messaging {

namespace {

constexpr unsigned bits_min = 4;

} // namespace

void slot_table::insert(std::uint32_t hash, node_id id) {
  if ((size_ + 1) * 4 > slots_.size() * 3)
    resize(slots_.empty() ? bits_min : 32 - shift_ + 1);
  place({hash, id});
  ++size_;
}

void slot_table::erase(std::uint32_t hash, node_id id) noexcept {
  auto gap = home(hash);
  while (slots_[gap].id != id)
    gap = after(gap);
  // Pull back what probing pushed over the gap.
  for (auto i = after(gap); slots_[i].id != 0; i = after(i)) {
    const auto mask = slots_.size() - 1;
    const auto from_home = (i - home(slots_[i].hash)) & mask;
    if (from_home >= ((i - gap) & mask)) {
      slots_[gap] = slots_[i];
      gap = i;
    }
  }
  slots_[gap] = {};
  --size_;
  if (size_ * 8 < slots_.size() && 32 - shift_ > bits_min)
    resize(32 - shift_ - 1);
}

void slot_table::resize(unsigned bits) {
  auto old = std::exchange(slots_, std::vector<slot>(std::size_t{1} << bits));
  shift_ = 32 - bits;
  for (const auto& s : old)
    if (s.id != 0)
      place(s);
}

void slot_table::place(slot added) noexcept {
  auto i = home(added.hash);
  while (slots_[i].id != 0)
    i = after(i);
  slots_[i] = added;
}

} // namespace hetzel::messaging
