#include "protocol/output_buffer.hpp"

#include "protocol/assert.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::mqtt {

namespace {

/// What a connection gets that has nothing to write yet: room for a few
/// packets, so that a fan-out to thousands of connections stays small.
constexpr std::size_t initial_bytes = 2048;

/// A string that grew beyond this is freed and not kept.
constexpr std::size_t kept_string_max_bytes = 256 * 1024;

/// All that one thread keeps.
constexpr std::size_t kept_max_bytes = 4 * 1024 * 1024;

/// Below this, moving the rest to the front is not worth a thought.
constexpr std::size_t compact_min_bytes = 16 * 1024;

// Trivially destructible, so that it can still be asked when buffers end after
// the pool of their thread.
thread_local constinit bool pool_has_ended = false;

/// Strings that wait for a connection with something to write; one per thread.
class string_pool {
public:
  string_pool() { strings_.reserve(kept_max_bytes / initial_bytes); }
  ~string_pool() { pool_has_ended = true; }

  std::string take() {
    if (strings_.empty()) {
      std::string fresh;
      fresh.reserve(initial_bytes);
      return fresh;
    }
    auto kept = std::move(strings_.back());
    strings_.pop_back();
    kept_bytes_ -= kept.capacity();
    return kept;
  }

  void give(std::string&& used) noexcept {
    auto capacity = used.capacity();
    if (capacity > kept_string_max_bytes
        || kept_bytes_ + capacity > kept_max_bytes
        || strings_.size() == strings_.capacity())
      return;
    used.clear();
    strings_.push_back(std::move(used));
    kept_bytes_ += capacity;
  }

private:
  std::vector<std::string> strings_;
  std::size_t kept_bytes_ = 0;
};

string_pool& pool() {
  static thread_local string_pool strings;
  return strings;
}

void give_back(std::string&& used) noexcept {
  if (!pool_has_ended)
    pool().give(std::move(used));
}

} // namespace

output_buffer::output_buffer(output_buffer&& other) noexcept
  : bytes_(std::exchange(other.bytes_, {})),
    consumed_(std::exchange(other.consumed_, 0)),
    shared_(std::exchange(other.shared_, {})),
    shared_size_(std::exchange(other.shared_size_, 0)) {}

output_buffer& output_buffer::operator=(output_buffer&& other) noexcept {
  if (this != &other) {
    clear();
    bytes_ = std::exchange(other.bytes_, {});
    consumed_ = std::exchange(other.consumed_, 0);
    shared_ = std::exchange(other.shared_, {});
    shared_size_ = std::exchange(other.shared_size_, 0);
  }
  return *this;
}

output_buffer::~output_buffer() { clear(); }

void output_buffer::append(const message_ptr& owner, bytes_view bytes) {
  if (bytes.size() < shared_min_bytes) {
    tail().append(bytes);
    return;
  }
  shared_.push_back({owner, bytes, bytes_.size()});
  shared_size_ += bytes.size();
}

void output_buffer::take(output_buffer& from, std::size_t count) {
  HETZEL_ASSERT(count <= from.size());
  auto& into = tail();
  auto position = from.consumed_;
  auto left = count;
  const auto copy_up_to = [&](std::size_t end) {
    const auto size = std::min(left, end - position);
    into.append(from.bytes_, position, size);
    position += size;
    left -= size;
  };
  for (const auto& part : from.shared_) {
    copy_up_to(part.position);
    if (left == 0)
      break;
    const auto bytes = part.bytes.substr(0, left);
    shared_.push_back({part.owner, bytes, into.size()});
    shared_size_ += bytes.size();
    left -= bytes.size();
  }
  copy_up_to(from.bytes_.size());
  from.consume(count);
}

std::size_t
output_buffer::gather(std::span<bytes_view> parts) const noexcept {
  std::size_t used = 0;
  auto position = consumed_;
  auto add_bytes_up_to = [&](std::size_t end) {
    if (end > position && used < parts.size())
      parts[used++] = bytes_view{bytes_}.substr(position, end - position);
    position = end;
  };
  for (const auto& part : shared_) {
    add_bytes_up_to(part.position);
    if (used == parts.size())
      return used;
    parts[used++] = part.bytes;
  }
  add_bytes_up_to(bytes_.size());
  return used;
}

void output_buffer::consume(std::size_t count) {
  HETZEL_ASSERT(count <= size());
  if (count == size())
    clear();
  else
    consume_front(count);
}

void output_buffer::consume_front(std::size_t count) {
  auto part = shared_.begin();
  while (count > 0) {
    auto end = part == shared_.end() ? bytes_.size() : part->position;
    auto copied = std::min(count, end - consumed_);
    consumed_ += copied;
    count -= copied;
    if (count == 0)
      break;
    auto referenced = std::min(count, part->bytes.size());
    part->bytes.remove_prefix(referenced);
    shared_size_ -= referenced;
    count -= referenced;
    if (part->bytes.empty())
      ++part;
  }
  shared_.erase(shared_.begin(), part);
  drop_consumed();
}

// A reader that never quite catches up must not make the string grow by all
// that it ever read.
void output_buffer::drop_consumed() {
  if (consumed_ < compact_min_bytes || consumed_ < bytes_.size() / 2)
    return;
  bytes_.erase(0, consumed_);
  for (auto& part : shared_)
    part.position -= consumed_;
  consumed_ = 0;
}

void output_buffer::clear() noexcept {
  if (bytes_.capacity() >= borrowed_min_bytes)
    give_back(std::exchange(bytes_, {}));
  bytes_.clear();
  consumed_ = 0;
  shared_ = {};
  shared_size_ = 0;
}

void output_buffer::borrow() {
  if (pool_has_ended)
    return;
  auto borrowed = pool().take();
  borrowed.append(bytes_);
  bytes_ = std::move(borrowed);
}

} // namespace hetzel::mqtt
