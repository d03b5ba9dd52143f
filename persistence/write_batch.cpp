#include "persistence/write_batch.hpp"

#include "persistence/invariant.hpp"
#include "persistence/record.hpp"

#include <array>
#include <cstring>

namespace hetzel::persistence {

namespace {

struct head {
  std::uint32_t key_size;
  std::uint32_t value_size;
};

constexpr std::uint32_t erase_bit = 0x8000'0000U;

} // namespace

void write_batch::add_head(bool erases, std::string_view key,
                           std::size_t value_size) {
  HETZEL_INVARIANT(key.size() <= key_size_max);
  HETZEL_INVARIANT(value_size <= value_size_max);
  const head front{static_cast<std::uint32_t>(key.size())
                     | (erases ? erase_bit : 0U),
                   static_cast<std::uint32_t>(value_size)};
  std::array<char, sizeof(head)> bytes{};
  std::memcpy(bytes.data(), &front, sizeof(head));
  buffer_.append(bytes.data(), bytes.size());
  buffer_.append(key);
  ++count_;
}

void write_batch::put(std::string_view key, std::string_view value) {
  std::array<char, seal_size> seal{};
  seal_record(key, value, seal.data());
  add_head(false, key, value.size());
  buffer_.append(seal.data(), seal.size());
  buffer_.append(value);
}

void write_batch::erase(std::string_view key) {
  add_head(true, key, 0);
}

void write_batch::append(const write_batch& later) {
  buffer_.append(later.buffer_);
  count_ += later.count_;
}

void write_batch::clear() noexcept {
  buffer_.clear();
  count_ = 0;
}

write_batch::operation
write_batch::at(std::size_t position) const noexcept {
  HETZEL_INVARIANT(position + sizeof(head) <= buffer_.size());
  const auto rest = std::string_view(buffer_).substr(position);
  head front{};
  std::memcpy(&front, rest.data(), sizeof(head));
  const auto key_size = front.key_size & ~erase_bit;
  operation found;
  found.key = rest.substr(sizeof(head), key_size);
  found.erases = (front.key_size & erase_bit) != 0;
  if (!found.erases) {
    found.sealed = rest.substr(sizeof(head) + key_size,
                               seal_size + front.value_size);
    found.value = found.sealed.substr(seal_size);
  }
  return found;
}

write_batch::iterator& write_batch::iterator::operator++() noexcept {
  const auto here = **this;
  position_ += sizeof(head) + here.key.size() + here.sealed.size();
  return *this;
}

write_batch::iterator write_batch::iterator::operator++(int) noexcept {
  auto before = *this;
  ++*this;
  return before;
}

} // namespace hetzel::persistence
