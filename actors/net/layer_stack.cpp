#include "actors/net/layer_stack.hpp"

#include <limits>
#include <utility>

namespace hetzel::net {

namespace {

/// What one read became on its way up; one per thread, so that a connection
/// owns none.
std::string& passing_up() {
  static thread_local std::string bytes;
  bytes.clear();
  return bytes;
}

} // namespace

layer_stack::layer_stack(std::unique_ptr<transport_layer> lower,
                         std::unique_ptr<transport_layer> upper) noexcept
  : lower_(std::move(lower)), upper_(std::move(upper)) {}

/// An end of the lower layer comes behind what it still brought, and that may
/// hold the reason of a failure above.
transport_layer::status layer_stack::receive(mqtt::bytes_view received,
                                             std::string& up,
                                             mqtt::output_buffer& down) {
  auto& middle = passing_up();
  const auto below = lower_->receive(received, middle, down);
  auto above = status::open;
  if (!middle.empty() || received.empty())
    above = upper_->receive(middle, up, between_);
  pass_down(down);
  return above == status::open ? below : above;
}

void layer_stack::send(mqtt::output_buffer& output, mqtt::output_buffer& down,
                       std::size_t bytes_max) {
  if (!is_established())
    return;
  upper_->send(output, between_, bytes_max);
  pass_down(down);
}

void layer_stack::close(mqtt::output_buffer& down) {
  upper_->close(between_);
  pass_down(down);
  lower_->close(down);
}

void layer_stack::pass_down(mqtt::output_buffer& down) {
  if (!between_.empty() && lower_->is_established())
    lower_->send(between_, down, std::numeric_limits<std::size_t>::max());
}

bool layer_stack::is_established() const noexcept {
  return lower_->is_established() && upper_->is_established();
}

bool layer_stack::is_transparent() const noexcept {
  return lower_->is_transparent() && upper_->is_transparent();
}

bool layer_stack::is_resumed() const noexcept {
  return lower_->is_resumed();
}

void layer_stack::describe(peer_identity& into) const {
  lower_->describe(into);
  upper_->describe(into);
}

transport_fault layer_stack::fault() const noexcept {
  const auto below = lower_->fault();
  return below == transport_fault::none ? upper_->fault() : below;
}

const char* layer_stack::failure() const noexcept {
  return lower_->fault() == transport_fault::none ? upper_->failure()
                                                  : lower_->failure();
}

} // namespace hetzel::net
