#include "persistence/reader.hpp"

#include "persistence/invariant.hpp"

#include <utility>
#include <vector>

namespace hetzel::persistence {

namespace {

/// Goes back over records that were read before.
class reversed_cursor final : public cursor {
public:
  explicit reversed_cursor(cursor& records) {
    for (; records.valid(); records.next())
      left_.emplace_back(records.key(), records.value());
    status_ = records.status();
    // Behind what was read there may be records, which would come first.
    if (status_ != errc::none)
      left_.clear();
  }

  [[nodiscard]] bool valid() const override { return !left_.empty(); }

  void next() override {
    HETZEL_INVARIANT(valid());
    left_.pop_back();
  }

  [[nodiscard]] std::string_view key() const override {
    HETZEL_INVARIANT(valid());
    return left_.back().first;
  }

  [[nodiscard]] std::string_view value() const override {
    HETZEL_INVARIANT(valid());
    return left_.back().second;
  }

  [[nodiscard]] errc status() const override { return status_; }

private:
  std::vector<std::pair<std::string, std::string>> left_;
  errc status_ = errc::none;
};

} // namespace

std::unique_ptr<cursor> reader::scan_back(std::string_view from,
                                          std::string_view to) const {
  return std::make_unique<reversed_cursor>(*scan(from, to));
}

std::string behind_prefix(std::string_view prefix) {
  while (!prefix.empty() && prefix.back() == '\xff')
    prefix.remove_suffix(1);
  std::string key(prefix);
  if (!key.empty())
    key.back() = static_cast<char>(static_cast<unsigned char>(key.back()) + 1);
  return key;
}

} // namespace hetzel::persistence
