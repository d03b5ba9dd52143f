#include "actors/net/websocket/upgrade.hpp"

#include "actors/net/websocket/deflate_offer.hpp"
#include "actors/net/websocket/forwarded.hpp"
#include "actors/net/websocket/upgrade_answer.hpp"
#include "protocol/utf8.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include <algorithm>
#include <cctype>

namespace hetzel::net::websocket {

namespace {

namespace http = boost::beast::http;
using boost::beast::iequals;
using request = http::request<http::empty_body>;

constexpr mqtt::bytes_view line_end{"\r\n"};
constexpr mqtt::bytes_view request_end{"\r\n\r\n"};
constexpr std::size_t header_values = 8;

constexpr unsigned http_1_1 = 11;

mqtt::bytes_view view(boost::beast::string_view text) noexcept {
  return {text.data(), text.size()};
}

/// Any line of that header has the token in its list.
bool has_token(const request& of, http::field name, const char* token) {
  const auto lines = of.equal_range(name);
  return std::any_of(lines.first, lines.second, [&](const auto& line) {
    return http::token_list{line.value()}.exists(token);
  });
}

/// 16 bytes in base64.
bool is_key(mqtt::bytes_view key) noexcept {
  return key.size() == 24 && key.ends_with("==")
         && std::all_of(key.begin(), key.end() - 2, [](unsigned char c) {
              return std::isalnum(c) != 0 || c == '+' || c == '/';
            });
}

/// The one value of that header; empty when there is none or several.
mqtt::bytes_view single(const request& of, http::field name) {
  return of.count(name) == 1 ? view(of[name]) : mqtt::bytes_view{};
}

/// The first sub-protocol of the client's list that is MQTT's.
mqtt::bytes_view choose_protocol(const request& of) {
  const auto lines = of.equal_range(http::field::sec_websocket_protocol);
  for (auto line = lines.first; line != lines.second; ++line)
    for (const auto& offered : http::token_list{line->value()})
      for (const mqtt::bytes_view known : {"mqtt", "mqttv3.1"})
        if (view(offered) == known)
          return known;
  return {};
}

/// Beast's own list of extensions is not used: it gives and takes parameters of
/// the last one.
int choose_window_bits(const request& of) {
  const auto lines = of.equal_range(http::field::sec_websocket_extensions);
  int bits = 0;
  for (auto line = lines.first; bits == 0 && line != lines.second; ++line)
    bits = accept_deflate(view(line->value()));
  return bits;
}

class judge {
public:
  judge(const upgrade_options& options, bool is_proxy_trusted,
        const request& asked)
    : options_(options),
      is_proxy_trusted_(is_proxy_trusted),
      request_(asked) {}

  upgrade_outcome decide() {
    if (const auto* wrong = find_wrong())
      return refuse(*wrong);
    outcome_.window_bits
      = options_.is_compression_on ? choose_window_bits(request_) : 0;
    outcome_.response
      = accept(view(request_[http::field::sec_websocket_key]),
               choose_protocol(request_), outcome_.window_bits);
    return std::move(outcome_);
  }

private:
  const refusal* find_wrong() {
    if (has_large_value())
      return &refusals::header_too_large;
    if (!is_known_path())
      return &refusals::unknown_path;
    if (request_.method() != http::verb::get)
      return &refusals::wrong_method;
    if (request_.version() != http_1_1 || request_.has_content_length()
        || request_.chunked()
        || single(request_, http::field::host).empty())
      return &refusals::malformed;
    if (const auto* wrong = find_wrong_handshake())
      return wrong;
    if (!is_allowed_origin())
      return &refusals::wrong_origin;
    if (options_.is_forwarded)
      return find_wrong_forwarding();
    return nullptr;
  }

  const refusal* find_wrong_handshake() const {
    using http::field;
    if (!has_token(request_, field::upgrade, "websocket")
        || !has_token(request_, field::connection, "upgrade"))
      return &refusals::no_upgrade;
    if (single(request_, field::sec_websocket_version) != "13")
      return &refusals::wrong_version;
    if (!is_key(single(request_, field::sec_websocket_key)))
      return &refusals::wrong_key;
    if (choose_protocol(request_).empty())
      return &refusals::no_protocol;
    return nullptr;
  }

  const refusal* find_wrong_forwarding() {
    if (!is_proxy_trusted_)
      return &refusals::untrusted_proxy;
    std::string entries;
    const auto lines = request_.equal_range("X-Forwarded-For");
    for (auto line = lines.first; line != lines.second; ++line)
      entries.append(view(line->value())).append(",");
    auto address = forwarded_client(entries, options_.trusted);
    if (!address)
      return &refusals::wrong_forwarding;
    outcome_.address = std::move(*address);
    return options_.takes_common_name ? find_wrong_name() : nullptr;
  }

  /// Two names are one too many: the proxy's and, in front, a forged one.
  const refusal* find_wrong_name() {
    const auto count = request_.count(options_.common_name_header);
    if (count == 0)
      return nullptr;
    const auto name = view(request_[options_.common_name_header]);
    if (count > 1 || !mqtt::is_valid_utf8(name))
      return &refusals::wrong_forwarding;
    outcome_.common_name = name;
    return nullptr;
  }

  bool has_large_value() const {
    return std::any_of(request_.begin(), request_.end(), [&](const auto& line) {
      return line.value().size() > options_.header_value_max;
    });
  }

  bool is_known_path() const {
    const auto target = view(request_.target());
    const auto path = target.substr(0, target.find('?'));
    return std::find(options_.paths.begin(), options_.paths.end(), path)
           != options_.paths.end();
  }

  bool is_allowed_origin() const {
    const auto count = request_.count(http::field::origin);
    if (options_.allowed_origins.empty() || count == 0)
      return true;
    const auto origin = request_[http::field::origin];
    return count == 1
           && std::any_of(
             options_.allowed_origins.begin(), options_.allowed_origins.end(),
             [&](const auto& one) { return iequals(one, origin); });
  }

  const upgrade_options& options_;
  bool is_proxy_trusted_;
  const request& request_;
  upgrade_outcome outcome_;
};

} // namespace

upgrade_reader::upgrade_reader(const upgrade_options& options,
                               bool is_proxy_trusted) noexcept
  : options_(options), is_proxy_trusted_(is_proxy_trusted) {}

std::optional<upgrade_outcome>
upgrade_reader::read(mqtt::bytes_view& received) {
  const auto before = request_.size();
  const auto taken = received.substr(0, size_max() - before);
  request_.append(taken);
  const auto end
    = request_.find(request_end, before - std::min(before, std::size_t{3}));
  if (end == std::string::npos) {
    received.remove_prefix(taken.size());
    return refuse_early();
  }
  request_.resize(end + request_end.size());
  received.remove_prefix(request_.size() - before);
  const auto lines = std::count(request_.begin(), request_.end(), '\n');
  if (request_.find(line_end) > options_.request_line_max)
    return refuse(refusals::line_too_long);
  if (static_cast<std::size_t>(lines) > request_lines_max)
    return refuse(refusals::header_too_large);
  http::request_parser<http::empty_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(request_.size()));
  boost::beast::error_code failure;
  (void) parser.put(boost::asio::buffer(request_), failure);
  if (failure || !parser.is_header_done())
    return refuse(refusals::malformed);
  return judge{options_, is_proxy_trusted_, parser.get()}.decide();
}

std::size_t upgrade_reader::size_max() const noexcept {
  return options_.request_line_max
         + header_values * options_.header_value_max;
}

std::optional<upgrade_outcome> upgrade_reader::refuse_early() const {
  if (request_.empty())
    return std::nullopt;
  if (std::isupper(static_cast<unsigned char>(request_.front())) == 0)
    return refuse(refusals::foreign);
  const auto line = std::min(request_.find(line_end), request_.size());
  if (line > options_.request_line_max + 1)
    return refuse(refusals::line_too_long);
  if (request_.size() == size_max())
    return refuse(refusals::header_too_large);
  return std::nullopt;
}

} // namespace hetzel::net::websocket
