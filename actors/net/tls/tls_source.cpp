#include "actors/net/tls/tls_source.hpp"

#include "actors/net/tls/tls_layer.hpp"
#include "actors/runtime/log.hpp"

#include <utility>

#include <sys/stat.h>

namespace hetzel::net {

namespace {

std::string stamp_of(const std::string& path) {
  struct stat found {};
  if (path.empty() || ::stat(path.c_str(), &found) != 0)
    return path + " -";
  return path + ' ' + std::to_string(found.st_mtim.tv_sec) + '.'
         + std::to_string(found.st_mtim.tv_nsec) + ' '
         + std::to_string(found.st_size) + ' ' + std::to_string(found.st_ino);
}

void log_notes(const std::string& listener, const tls_context& of) {
  for (const auto& note : of.notes())
    runtime::log::warning("tls.note", {{"listener", listener}, {"what", note}});
}

} // namespace

std::vector<std::string> stamps_of(const tls_config& config) {
  std::vector<std::string> stamps;
  const auto add = [&](const std::string& path) {
    stamps.push_back(stamp_of(path));
  };
  auto all = config.named_certificates;
  all.push_back(config.certificate);
  for (const auto& one : all) {
    add(one.certfile);
    add(one.keyfile);
  }
  add(config.cafile);
  add(config.crlfile);
  if (config.psk_support)
    add(config.pskfile);
  return stamps;
}

mqtt::expected<std::shared_ptr<tls_source>, std::string>
tls_source::open(std::string listener, const tls_config& config,
                 std::string_view application) {
  // Before they are read: what changes meanwhile is read again.
  auto stamps = stamps_of(config);
  auto first = tls_context::load(config, application);
  if (!first)
    return mqtt::unexpected("listener " + listener + ": " + first.error());
  log_notes(listener, **first);
  return std::make_shared<tls_source>(std::move(listener),
                                      std::string{application},
                                      std::move(*first), std::move(stamps));
}

tls_source::tls_source(std::string listener, std::string application,
                       tls_context_ptr first, std::vector<std::string> stamps)
  : listener_(std::move(listener)),
    application_(std::move(application)),
    stamps_(std::move(stamps)),
    current_(std::move(first)) {}

std::unique_ptr<transport_layer> tls_source::make() {
  auto context = current();
  auto ssl = context->make_ssl();
  return std::make_unique<tls_layer>(std::move(ssl), std::move(context));
}

tls_context_ptr tls_source::current() const {
  const std::shared_lock guard{current_mutex_};
  return current_;
}

/// A file that is broken is tried again when it has changed, and reported once.
bool tls_source::refresh() {
  const std::lock_guard guard{loading_};
  const auto config = current()->config();
  auto stamps = stamps_of(config);
  if (stamps == stamps_)
    return true;
  stamps_ = std::move(stamps);
  auto next = tls_context::load(config, application_);
  if (!next) {
    runtime::log::warning("tls.reload_failed",
                          {{"listener", listener_}, {"why", next.error()}});
    return false;
  }
  log_notes(listener_, **next);
  {
    const std::unique_lock exclusive{current_mutex_};
    current_ = std::move(*next);
  }
  runtime::log::info("tls.reloaded", {{"listener", listener_}});
  return true;
}

} // namespace hetzel::net
