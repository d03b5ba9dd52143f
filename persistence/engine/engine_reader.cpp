#include "persistence/engine/engine_reader.hpp"

#include "persistence/invariant.hpp"
#include "persistence/record.hpp"

#include <leveldb/iterator.h>

#include <string>
#include <utility>

namespace hetzel::persistence {

namespace {

class engine_cursor final : public cursor {
public:
  engine_cursor(std::shared_ptr<engine> from, const leveldb::Snapshot* at,
                key_range range)
    : from_(std::move(from)),
      bound_(range.backwards ? range.from : range.to),
      backwards_(range.backwards) {
    from_->counters->scans.fetch_add(1, std::memory_order_relaxed);
    leveldb::ReadOptions how;
    how.verify_checksums = true;
    how.snapshot = at;
    records_.reset(from_->db->NewIterator(how));
    if (backwards_)
      seek_before(range.to);
    else
      records_->Seek(slice(range.from));
    read();
  }

  [[nodiscard]] bool valid() const override { return valid_; }

  void next() override {
    HETZEL_INVARIANT(valid_);
    if (backwards_)
      records_->Prev();
    else
      records_->Next();
    read();
  }

  [[nodiscard]] std::string_view key() const override {
    HETZEL_INVARIANT(valid_);
    return view(records_->key());
  }

  [[nodiscard]] std::string_view value() const override {
    HETZEL_INVARIANT(valid_);
    return payload_;
  }

  [[nodiscard]] errc status() const override { return status_; }

private:
  static std::string_view view(const leveldb::Slice& bytes) {
    return {bytes.data(), bytes.size()};
  }

  static leveldb::Slice slice(std::string_view bytes) {
    return {bytes.data(), bytes.size()};
  }

  /// To the last record before `to`.
  void seek_before(std::string_view to) {
    if (!to.empty())
      records_->Seek(slice(to));
    if (!to.empty() && records_->Valid())
      records_->Prev();
    else if (records_->status().ok())
      records_->SeekToLast();
  }

  [[nodiscard]] bool is_within(std::string_view key) const {
    return backwards_ ? key >= bound_ : bound_.empty() || key < bound_;
  }

  /// LevelDB's iterator steps over a block that it cannot read and says so in
  /// its status alone. What comes then may be an older version of a record, so
  /// the status is asked at every step.
  void read() {
    valid_ = false;
    status_ = errc_of(records_->status());
    if (status_ == errc::none && records_->Valid()
        && is_within(view(records_->key()))) {
      if (const auto opened
          = open_record(view(records_->key()), view(records_->value()))) {
        payload_ = *opened;
        valid_ = true;
      } else {
        status_ = errc::corrupt;
      }
    }
    if (status_ == errc::corrupt)
      from_->counters->corrupt.fetch_add(1, std::memory_order_relaxed);
  }

  std::shared_ptr<engine> from_;
  // Where the walk ends: `to`, or backwards `from`.
  std::string bound_;
  bool backwards_;
  std::unique_ptr<leveldb::Iterator> records_;
  std::string_view payload_;
  errc status_ = errc::none;
  bool valid_ = false;
};

class engine_snapshot final : public reader {
public:
  explicit engine_snapshot(std::shared_ptr<engine> from)
    : from_(std::move(from)), at_(from_->db->GetSnapshot()) {}

  engine_snapshot(const engine_snapshot&) = delete;
  engine_snapshot& operator=(const engine_snapshot&) = delete;

  ~engine_snapshot() override { from_->db->ReleaseSnapshot(at_); }

  [[nodiscard]] expected<std::optional<std::string>, errc>
  get(std::string_view key) const override {
    return get_record(*from_, at_, key);
  }

  [[nodiscard]] std::unique_ptr<cursor>
  scan(std::string_view from, std::string_view to) const override {
    return scan_records(from_, at_, {from, to});
  }

  [[nodiscard]] std::unique_ptr<cursor>
  scan_back(std::string_view from, std::string_view to) const override {
    return scan_records(from_, at_, {from, to, true});
  }

private:
  std::shared_ptr<engine> from_;
  const leveldb::Snapshot* at_;
};

class broken_cursor final : public cursor {
public:
  explicit broken_cursor(errc why) : why_(why) {}

  [[nodiscard]] bool valid() const override { return false; }
  void next() override { HETZEL_INVARIANT(valid()); }
  [[nodiscard]] std::string_view key() const override { return {}; }
  [[nodiscard]] std::string_view value() const override { return {}; }
  [[nodiscard]] errc status() const override { return why_; }

private:
  errc why_;
};

class broken_reader final : public reader {
public:
  explicit broken_reader(errc why) : why_(why) {}

  [[nodiscard]] expected<std::optional<std::string>, errc>
  get(std::string_view) const override {
    return unexpected(why_);
  }

  [[nodiscard]] std::unique_ptr<cursor>
  scan(std::string_view, std::string_view) const override {
    return failed_cursor(why_);
  }

private:
  errc why_;
};

} // namespace

std::unique_ptr<cursor> scan_records(std::shared_ptr<engine> from,
                                     const leveldb::Snapshot* at,
                                     key_range range) {
  return std::make_unique<engine_cursor>(std::move(from), at, range);
}

std::shared_ptr<const reader> snapshot_of(std::shared_ptr<engine> from) {
  return std::make_shared<engine_snapshot>(std::move(from));
}

std::shared_ptr<const reader> failed_reader(errc why) {
  return std::make_shared<broken_reader>(why);
}

std::unique_ptr<cursor> failed_cursor(errc why) {
  return std::make_unique<broken_cursor>(why);
}

} // namespace hetzel::persistence
