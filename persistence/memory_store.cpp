#include "persistence/memory_store.hpp"

#include "persistence/invariant.hpp"
#include "persistence/record.hpp"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <utility>

namespace hetzel::persistence {

namespace {

/// The answer of some of the calls to come.
struct planned_failure {
  errc why = errc::none;
  std::size_t successes = 0;
  std::size_t count = 0;

  errc next() {
    if (count == 0)
      return errc::none;
    if (successes > 0) {
      --successes;
      return errc::none;
    }
    --count;
    return why;
  }
};

} // namespace

class memory_store::faults {
public:
  void plan_reads(planned_failure plan) {
    const std::lock_guard guard(mutex_);
    reads_ = plan;
  }

  void plan_writes(planned_failure plan, write_fault how) {
    const std::lock_guard guard(mutex_);
    writes_ = plan;
    how_ = how;
  }

  errc next_read() {
    const std::lock_guard guard(mutex_);
    return reads_.next();
  }

  std::pair<errc, write_fault> next_write() {
    const std::lock_guard guard(mutex_);
    return {writes_.next(), how_};
  }

private:
  std::mutex mutex_;
  planned_failure reads_;
  planned_failure writes_;
  write_fault how_ = write_fault::dropped;
};

/// Walks over a range from its begin, or from its end.
class memory_store::map_cursor final : public cursor {
public:
  enum class direction : std::uint8_t { forth, back };

  map_cursor(std::shared_ptr<const records> all, std::shared_ptr<faults> plan,
             std::string_view from, std::string_view to, direction where)
    : all_(std::move(all)),
      plan_(std::move(plan)),
      begin_(all_->lower_bound(from)),
      end_(to.empty() ? all_->end() : all_->lower_bound(to)),
      direction_(where) {
    if (!to.empty() && to < from)
      end_ = begin_;
    read();
  }

  [[nodiscard]] bool valid() const override {
    return status_ == errc::none && begin_ != end_;
  }

  void next() override {
    HETZEL_INVARIANT(valid());
    if (direction_ == direction::forth)
      ++begin_;
    else
      --end_;
    read();
  }

  [[nodiscard]] std::string_view key() const override {
    HETZEL_INVARIANT(valid());
    return at()->first;
  }

  [[nodiscard]] std::string_view value() const override {
    HETZEL_INVARIANT(valid());
    return payload_;
  }

  [[nodiscard]] errc status() const override { return status_; }

private:
  [[nodiscard]] records::const_iterator at() const {
    return direction_ == direction::forth ? begin_ : std::prev(end_);
  }

  void read() {
    if (begin_ == end_)
      return;
    status_ = plan_->next_read();
    if (status_ != errc::none)
      return;
    const auto& [key, sealed] = *at();
    const auto opened = open_record(key, sealed);
    if (opened)
      payload_ = *opened;
    else
      status_ = opened.error();
  }

  std::shared_ptr<const records> all_;
  std::shared_ptr<faults> plan_;
  // What is left of the range.
  records::const_iterator begin_;
  records::const_iterator end_;
  direction direction_;
  std::string_view payload_;
  errc status_ = errc::none;
};

class memory_store::view final : public reader {
public:
  view(std::shared_ptr<const records> all, std::shared_ptr<faults> plan)
    : all_(std::move(all)), plan_(std::move(plan)) {}

  [[nodiscard]] expected<std::optional<std::string>, errc>
  get(std::string_view key) const override {
    return find(*all_, *plan_, key);
  }

  [[nodiscard]] std::unique_ptr<cursor>
  scan(std::string_view from, std::string_view to) const override {
    return std::make_unique<map_cursor>(all_, plan_, from, to,
                                        map_cursor::direction::forth);
  }

  [[nodiscard]] std::unique_ptr<cursor>
  scan_back(std::string_view from, std::string_view to) const override {
    return std::make_unique<map_cursor>(all_, plan_, from, to,
                                        map_cursor::direction::back);
  }

  static expected<std::optional<std::string>, errc>
  find(const records& all, faults& plan, std::string_view key) {
    if (const auto why = plan.next_read(); why != errc::none)
      return unexpected(why);
    const auto found = all.find(key);
    if (found == all.end())
      return std::optional<std::string>();
    const auto opened = open_record(key, found->second);
    if (!opened)
      return unexpected(opened.error());
    return std::optional<std::string>(*opened);
  }

private:
  std::shared_ptr<const records> all_;
  std::shared_ptr<faults> plan_;
};

memory_store::memory_store()
  : records_(std::make_shared<records>()),
    faults_(std::make_shared<faults>()) {}

memory_store::~memory_store() = default;

// -- reading ------------------------------------------------------------------

expected<std::optional<std::string>, errc>
memory_store::get(std::string_view key) const {
  const std::lock_guard guard(mutex_);
  return view::find(*records_, *faults_, key);
}

std::unique_ptr<cursor> memory_store::scan(std::string_view from,
                                           std::string_view to) const {
  return std::make_unique<map_cursor>(share(), faults_, from, to,
                                      map_cursor::direction::forth);
}

std::unique_ptr<cursor> memory_store::scan_back(std::string_view from,
                                                std::string_view to) const {
  return std::make_unique<map_cursor>(share(), faults_, from, to,
                                      map_cursor::direction::back);
}

std::shared_ptr<const reader> memory_store::snapshot() const {
  return std::make_shared<view>(share(), faults_);
}

std::uint64_t memory_store::approximate_bytes(std::string_view from,
                                              std::string_view to) const {
  const auto all = share();
  std::uint64_t bytes = 0;
  for (auto it = all->lower_bound(from);
       it != all->end() && (to.empty() || it->first < to); ++it)
    bytes += it->first.size() + it->second.size();
  return bytes;
}

std::shared_ptr<const memory_store::records> memory_store::share() const {
  const std::lock_guard guard(mutex_);
  shared_ = true;
  return records_;
}

// -- writing ------------------------------------------------------------------

errc memory_store::write(const write_batch& batch, durability level) {
  const std::lock_guard guard(mutex_);
  const auto [why, how] = faults_->next_write();
  if (why != errc::none) {
    if (how == write_fault::resurfaces)
      hidden_.push_back(batch);
    return why;
  }
  surface();
  if (level == durability::synced) {
    apply(batch, batch.count());
    unsynced_.clear();
  } else if (!batch.empty()) {
    unsynced_.push_back({batch, apply(batch, batch.count())});
  }
  return errc::none;
}

memory_store::records& memory_store::own() {
  if (std::exchange(shared_, false))
    records_ = std::make_shared<records>(*records_);
  return *records_;
}

/// The first `operations` of a batch; what they replaced, in order.
std::vector<memory_store::undo_entry>
memory_store::apply(const write_batch& batch, std::size_t operations) {
  auto& all = own();
  std::vector<undo_entry> undo;
  for (const auto& operation : batch) {
    if (operations-- == 0)
      break;
    const auto found = all.find(operation.key);
    auto& entry = undo.emplace_back();
    entry.key = operation.key;
    if (found != all.end())
      entry.before = std::move(found->second);
    if (!operation.erases)
      all.insert_or_assign(entry.key, std::string(operation.sealed));
    else if (found != all.end())
      all.erase(found);
  }
  return undo;
}

void memory_store::surface() {
  for (auto& batch : std::exchange(hidden_, {})) {
    auto undo = apply(batch, batch.count());
    unsynced_.push_back({std::move(batch), std::move(undo)});
  }
}

// -- faults -------------------------------------------------------------------

void memory_store::fail_writes(errc why, std::size_t count,
                               std::size_t successes, write_fault how) {
  faults_->plan_writes({why, successes, count}, how);
}

void memory_store::fail_reads(errc why, std::size_t count,
                              std::size_t successes) {
  faults_->plan_reads({why, successes, count});
}

bool memory_store::damage(std::string_view key) {
  const std::lock_guard guard(mutex_);
  auto& all = own();
  const auto found = all.find(key);
  if (found == all.end())
    return false;
  auto& last = found->second.back();
  last = static_cast<char>(static_cast<unsigned char>(last) ^ 1U);
  return true;
}

void memory_store::restart() {
  const std::lock_guard guard(mutex_);
  surface();
}

std::size_t memory_store::unsynced() const {
  const std::lock_guard guard(mutex_);
  return unsynced_.size() + hidden_.size();
}

void memory_store::lose_power(std::size_t kept, std::size_t torn) {
  const std::lock_guard guard(mutex_);
  surface();
  auto& all = own();
  kept = std::min(kept, unsynced_.size());
  for (auto lost = unsynced_.size(); lost-- > kept;)
    for (auto& entry : std::views::reverse(unsynced_[lost].undo)) {
      if (entry.before)
        all.insert_or_assign(entry.key, *std::move(entry.before));
      else
        all.erase(entry.key);
    }
  if (kept < unsynced_.size())
    apply(unsynced_[kept].batch, torn);
  unsynced_.clear();
}

} // namespace hetzel::persistence
