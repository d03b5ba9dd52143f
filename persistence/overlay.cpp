#include "persistence/overlay.hpp"

#include "persistence/invariant.hpp"

namespace hetzel::persistence {

/// Walks the pending operations and the records below side by side; where
/// both have a key, the pending operation hides the record.
class overlay::merging_cursor final : public cursor {
public:
  using position = decltype(overlay::last_)::const_iterator;

  merging_cursor(const write_batch& batch, position first, position end,
                 std::unique_ptr<cursor> below)
    : batch_(batch), pending_(first), end_(end), below_(std::move(below)) {
    settle();
  }

  [[nodiscard]] bool valid() const override {
    return below_->status() == errc::none
           && (pending_ != end_ || below_->valid());
  }

  void next() override {
    HETZEL_INVARIANT(valid());
    if (on_pending_)
      ++pending_;
    else
      below_->next();
    settle();
  }

  [[nodiscard]] std::string_view key() const override {
    HETZEL_INVARIANT(valid());
    return on_pending_ ? std::string_view(pending_->first) : below_->key();
  }

  [[nodiscard]] std::string_view value() const override {
    HETZEL_INVARIANT(valid());
    return on_pending_ ? batch_.at(pending_->second).value : below_->value();
  }

  [[nodiscard]] errc status() const override { return below_->status(); }

private:
  /// Comes to rest on the smaller of the two keys, past what is hidden and
  /// what is erased. An error below ends the walk: nobody knows then what
  /// stands between two pending operations.
  void settle() {
    for (;;) {
      on_pending_ = pending_ != end_
                    && (!below_->valid() || pending_->first <= below_->key());
      if (!on_pending_)
        return;
      if (below_->valid() && pending_->first == below_->key()) {
        below_->next();
        continue;
      }
      if (!batch_.at(pending_->second).erases)
        return;
      ++pending_;
    }
  }

  const write_batch& batch_;
  position pending_;
  position end_;
  std::unique_ptr<cursor> below_;
  bool on_pending_ = false;
};

void overlay::put(std::string_view key, std::string_view value) {
  const auto position = batch_.position();
  batch_.put(key, value);
  index(key, position);
}

void overlay::erase(std::string_view key) {
  const auto position = batch_.position();
  batch_.erase(key);
  index(key, position);
}

void overlay::apply(const write_batch& later) {
  const auto first = batch_.position();
  batch_.append(later);
  for (write_batch::iterator it(batch_, first); it != batch_.end(); ++it)
    index((*it).key, it.position());
}

void overlay::clear() noexcept {
  batch_.clear();
  last_.clear();
}

expected<std::optional<std::string>, errc>
overlay::get(std::string_view key) const {
  const auto found = last_.find(key);
  if (found == last_.end())
    return below_.get(key);
  const auto pending = batch_.at(found->second);
  if (pending.erases)
    return std::optional<std::string>();
  return std::optional<std::string>(pending.value);
}

std::unique_ptr<cursor> overlay::scan(std::string_view from,
                                      std::string_view to) const {
  const auto first = last_.lower_bound(from);
  auto end = to.empty() ? last_.end() : last_.lower_bound(to);
  // A range that ends before it begins is empty.
  if (!to.empty() && to < from)
    end = first;
  return std::make_unique<merging_cursor>(batch_, first, end,
                                          below_.scan(from, to));
}

void overlay::index(std::string_view key, std::size_t position) {
  const auto found = last_.find(key);
  if (found == last_.end())
    last_.emplace(key, position);
  else
    found->second = position;
}

} // namespace hetzel::persistence
