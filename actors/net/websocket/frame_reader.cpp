#include "actors/net/websocket/frame_reader.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::net::websocket {

namespace {

/// Compressed bytes that are unmasked at a time, on the stack.
constexpr std::size_t piece_size = 4'096;

} // namespace

frame_reader::frame_reader(const frame_limits& limits) noexcept
  : limits_(limits) {}

frame_reader::step frame_reader::next(mqtt::bytes_view& received,
                                      std::string& up) {
  for (;;) {
    if (!is_in_frame_ && !take_header(received))
      return fault_ == close_code{} ? step::drained : step::failed;
    if (!take_payload(received, up))
      return step::failed;
    if (position_ < frame_.size)
      return step::drained;
    is_in_frame_ = false;
    if (frame_.kind == opcode::ping)
      return step::ping;
    if (frame_.kind == opcode::close)
      return step::close;
    if (!is_control(frame_.kind) && frame_.is_last && !end_message(up))
      return step::failed;
  }
}

/// False: it is not whole yet, or wrong.
bool frame_reader::take_header(mqtt::bytes_view& received) {
  auto front = received;
  if (partial_size_ > 0) {
    const auto missing
      = std::min(partial_.size() - partial_size_, received.size());
    std::copy_n(received.begin(), missing, partial_.begin() + partial_size_);
    front = {partial_.data(), partial_size_ + missing};
  }
  const auto read = read_client_header(front);
  if (!read)
    return fail(read.error());
  if (!*read) {
    // Less than the largest header: all of it fits.
    if (partial_size_ == 0)
      std::copy(front.begin(), front.end(), partial_.begin());
    partial_size_ = static_cast<unsigned char>(front.size());
    received = {};
    return false;
  }
  received.remove_prefix((*read)->size - std::exchange(partial_size_, 0));
  return begin_frame((*read)->header);
}

bool frame_reader::begin_frame(const frame_header& header) {
  control_.clear();
  if (header.size > limits_.size_max)
    return fail(close_code::too_large);
  if (!is_control(header.kind)) {
    const bool continues = header.kind == opcode::continuation;
    if (continues != is_in_message_)
      return fail(close_code::protocol_error);
    if (header.kind == opcode::text)
      return fail(close_code::unsupported);
    if (header.is_compressed && (continues || !limits_.is_compressed))
      return fail(close_code::protocol_error);
    if (header.is_compressed)
      inflater_ = std::make_unique<inflater>();
    is_in_message_ = true;
  }
  frame_ = header;
  position_ = 0;
  is_in_frame_ = true;
  return true;
}

bool frame_reader::take_payload(mqtt::bytes_view& received, std::string& up) {
  const auto size = static_cast<std::size_t>(
    std::min<std::uint64_t>(frame_.size - position_, received.size()));
  const auto masked = received.substr(0, size);
  received.remove_prefix(size);
  if (inflater_ && !is_control(frame_.kind))
    return inflate(masked, up);
  auto& into = is_control(frame_.kind) ? control_ : up;
  into.append(masked);
  apply_mask(into.data() + into.size() - size, size, frame_.key, position_);
  position_ += size;
  return true;
}

bool frame_reader::inflate(mqtt::bytes_view masked, std::string& up) {
  std::array<char, piece_size> piece;
  while (!masked.empty()) {
    const auto size = std::min(masked.size(), piece.size());
    std::copy_n(masked.begin(), size, piece.begin());
    apply_mask(piece.data(), size, frame_.key, position_);
    position_ += size;
    masked.remove_prefix(size);
    const auto before = up.size();
    const auto how
      = inflater_->write({piece.data(), size}, up, inflated_left());
    inflated_ += up.size() - before;
    if (!on_inflated(how))
      return false;
  }
  return true;
}

bool frame_reader::end_message(std::string& up) {
  is_in_message_ = false;
  if (!inflater_)
    return true;
  const auto before = up.size();
  const auto how = inflater_->finish(up, inflated_left());
  inflated_ += up.size() - before;
  inflater_.reset();
  return on_inflated(how);
}

bool frame_reader::on_inflated(inflater::outcome how) {
  switch (how) {
    case inflater::outcome::done:
      return true;
    case inflater::outcome::corrupt:
      return fail(close_code::invalid_data);
    case inflater::outcome::too_large:
      return fail(close_code::too_large);
  }
  return fail(close_code::invalid_data);
}

bool frame_reader::fail(close_code with) noexcept {
  fault_ = with;
  return false;
}

std::size_t frame_reader::inflated_left() const noexcept {
  return limits_.inflated_max - std::min(inflated_, limits_.inflated_max);
}

} // namespace hetzel::net::websocket
