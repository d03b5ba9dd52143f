#include "persistence/engine/manifest.hpp"

namespace hetzel::persistence {

namespace {

/// Takes fields off the front; once one is missing, all are.
class field_reader {
public:
  explicit field_reader(std::string_view rest) : rest_(rest) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] bool failed() const { return failed_; }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if ((byte & 0x80U) == 0)
        return value;
    }
    fail();
    return 0;
  }

  void skip_string() {
    const auto size = number();
    if (size > rest_.size())
      fail();
    else
      rest_.remove_prefix(size);
  }

private:
  void fail() {
    failed_ = true;
    rest_ = {};
  }

  std::string_view rest_;
  bool failed_ = false;
};

bool apply_field(field_reader& fields, manifest& to) {
  switch (fields.number()) {
    case 1:
      fields.skip_string();
      return true;
    case 2:
      to.log_number = fields.number();
      return true;
    case 3:
      fields.number();
      to.has_next_file = true;
      return true;
    case 4:
      fields.number();
      to.has_last_sequence = true;
      return true;
    case 5:
      fields.number();
      fields.skip_string();
      return true;
    case 6:
      fields.number();
      to.tables.erase(fields.number());
      return true;
    case 7: {
      fields.number();
      const auto table = fields.number();
      to.tables[table] = fields.number();
      fields.skip_string();
      fields.skip_string();
      return true;
    }
    case 9:
      to.previous_log = fields.number();
      return true;
    default:
      return false;
  }
}

} // namespace

errc apply_edit(std::string_view edit, manifest& to) {
  field_reader fields(edit);
  while (!fields.at_end())
    if (!apply_field(fields, to))
      return errc::corrupt;
  return fields.failed() ? errc::corrupt : errc::none;
}

} // namespace hetzel::persistence
