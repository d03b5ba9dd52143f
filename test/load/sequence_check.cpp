#include "test/load/sequence_check.hpp"

#include <algorithm>

namespace hetzel::test::load {

std::uint64_t sequence_check::lost(std::uint32_t sent) const noexcept {
  return missing_ + (sent > next_ ? sent - next_ : 0);
}

arrival sequence_check::on_unexpected(std::uint32_t sequence) {
  if (sequence > next_) {
    open_gap({next_, sequence});
    next_ = sequence + 1;
    return arrival::after_gap;
  }
  if (fill(sequence)) {
    ++late_;
    return arrival::late;
  }
  ++duplicates_;
  return arrival::duplicate;
}

void sequence_check::open_gap(gap missing) {
  missing_ += missing.last - missing.first;
  if (gaps_.size() == gaps_max)
    gaps_.pop_front();
  gaps_.push_back(missing);
}

bool sequence_check::fill(std::uint32_t sequence) {
  const auto found
    = std::find_if(gaps_.begin(), gaps_.end(), [sequence](const gap& one) {
        return one.first <= sequence && sequence < one.last;
      });
  if (found == gaps_.end())
    return false;
  --missing_;
  const auto rest = gap{sequence + 1, found->last};
  found->last = sequence;
  if (found->first == found->last) {
    if (rest.first == rest.last)
      gaps_.erase(found);
    else
      *found = rest;
  } else if (rest.first != rest.last) {
    // May pass gaps_max by the pieces of one gap; open_gap trims again.
    gaps_.insert(std::next(found), rest);
  }
  return true;
}

} // namespace hetzel::test::load
