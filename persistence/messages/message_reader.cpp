#include "persistence/messages/message_reader.hpp"

#include "persistence/invariant.hpp"

namespace hetzel::persistence {

namespace {

/// The value under a key, decoded; nothing when there is none.
template <class T>
expected<std::optional<T>, errc>
get_decoded(const reader& from, std::string_view key,
            expected<T, errc> (*decode)(std::string_view)) {
  const auto found = from.get(key);
  if (!found)
    return unexpected(found.error());
  if (!*found)
    return std::optional<T>();
  auto decoded = decode(**found);
  if (!decoded)
    return unexpected(decoded.error());
  return std::optional<T>(*std::move(decoded));
}

} // namespace

entry_stub stub_of(sequence at, const entry_record& what) {
  return {at, what.bytes(), what.reference.id, what.expires};
}

message_reader::message_reader(const reader& records,
                               std::vector<const reader*> bodies)
  : records_(&records), bodies_(std::move(bodies)) {
  if (bodies_.empty())
    bodies_.push_back(records_);
}

// -- queues -------------------------------------------------------------------

expected<std::optional<queue_id>, errc>
message_reader::find_queue(const queue_name& name) const {
  const auto found
    = get_decoded(*records_, catalogue_key(name), decode_number);
  if (!found)
    return unexpected(found.error());
  if (!*found)
    return std::optional<queue_id>();
  return std::optional(static_cast<queue_id>(**found));
}

expected<std::optional<queue_name>, errc>
message_reader::name_of(queue_id queue) const {
  return get_decoded(*records_, record_key(record_kind::name, queue),
                     decode_name);
}

expected<std::optional<session_record>, errc>
message_reader::session_of(queue_id queue) const {
  return get_decoded(*records_, record_key(record_kind::session, queue),
                     decode_session);
}

/// Whichever was written later says what the queue holds: the ledger, or the
/// last entry.
expected<queue_ledger, errc> message_reader::ledger_of(queue_id queue) const {
  const auto found = get_decoded(
    *records_, record_key(record_kind::ledger, queue), decode_ledger);
  if (!found)
    return unexpected(found.error());
  auto ledger = found->value_or(queue_ledger());
  const auto last
    = records_->scan_back(record_key(entry_key{queue, ledger.next}),
                         record_key(entry_key{queue, sequence::last}));
  if (!last->valid()) {
    if (last->status() != errc::none)
      return unexpected(last->status());
    return ledger;
  }
  const auto key = parse_entry_key(last->key());
  const auto entry = decode_entry(last->value());
  if (!key || !entry)
    return unexpected(key ? entry.error() : key.error());
  ledger.next = behind(key->at);
  ledger.count = entry->count;
  ledger.bytes = entry->bytes;
  return ledger;
}

expected<std::vector<std::pair<queue_name, queue_id>>, errc>
message_reader::list_queues(const std::optional<queue_name>& after,
                            std::size_t count_max) const {
  const std::string prefix(record_key(record_kind::catalogue).view());
  // The key with a zero byte more is the first one behind it.
  const auto from = after ? catalogue_key(*after) + '\0' : prefix;
  const auto at = records_->scan(from, behind_prefix(prefix));
  std::vector<std::pair<queue_name, queue_id>> found;
  for (; at->valid() && found.size() < count_max; at->next()) {
    auto name = parse_catalogue_key(at->key());
    const auto id = decode_number(at->value());
    if (!name || !id)
      return unexpected(name ? id.error() : name.error());
    found.emplace_back(*std::move(name), static_cast<queue_id>(*id));
  }
  if (at->status() != errc::none)
    return unexpected(at->status());
  return found;
}

expected<std::vector<receive_mark>, errc> message_reader::list_marks() const {
  const std::string prefix(record_key(record_kind::mark).view());
  std::vector<receive_mark> found;
  const auto at = records_->scan(prefix, behind_prefix(prefix));
  for (; at->valid(); at->next()) {
    const auto mark = parse_mark_key(at->key());
    if (!mark)
      return unexpected(mark.error());
    found.push_back(*mark);
  }
  if (at->status() != errc::none)
    return unexpected(at->status());
  return found;
}

// -- messages -----------------------------------------------------------------

/// Reads one window.
class message_reader::window_walk {
public:
  window_walk(const message_reader& from, const window_request& request,
              entry_sink& to)
    : from_(from), to_(to) {
    seen_.rest = request;
  }

  window run(queue_id queue) {
    auto& rest = seen_.rest;
    const record_key first(entry_key{queue, rest.from});
    const record_key behind_last(entry_key{queue, rest.to});
    const auto at = rest.newest_first
                      ? from_.records_->scan_back(first, behind_last)
                      : from_.records_->scan(first, behind_last);
    while (at->valid() && has_room()) {
      seen_.status = take(at->key(), at->value());
      if (seen_.status != errc::none)
        return std::move(seen_);
      at->next();
    }
    seen_.at_end = !at->valid() && at->status() == errc::none;
    seen_.status = at->status();
    return std::move(seen_);
  }

private:
  [[nodiscard]] bool has_room() const {
    const auto unread = seen_.dangling.size() + seen_.damaged.size();
    return seen_.count + unread < seen_.rest.count_max
           && seen_.bytes < seen_.rest.bytes_max;
  }

  errc take(std::string_view key, std::string_view value) {
    const auto at = parse_entry_key(key);
    const auto entry = decode_entry(value);
    if (!at || !entry)
      return at ? entry.error() : at.error();
    auto what = entry->what;
    const auto stub = stub_of(at->at, what);
    expected<std::optional<std::string>, errc> body(std::nullopt);
    if (what.is_reference())
      body = from_.body_of(what.reference);
    if (!body && body.error() != errc::corrupt)
      return body.error();
    step_over(at->at);
    if (!body)
      seen_.damaged.push_back(stub);
    else if (what.is_reference() && !*body)
      seen_.dangling.push_back(stub);
    else
      give(stub, what, *body);
    return errc::none;
  }

  void give(const entry_stub& stub, entry_record& what,
            const std::optional<std::string>& body) {
    if (body)
      what.body = *body;
    ++seen_.count;
    seen_.bytes += stub.bytes;
    to_.on_entry(stub, what);
  }

  void step_over(sequence at) {
    if (seen_.rest.newest_first)
      seen_.rest.to = at;
    else
      seen_.rest.from = behind(at);
  }

  const message_reader& from_;
  entry_sink& to_;
  window seen_;
};

window message_reader::read_window(queue_id queue, const window_request& what,
                                   entry_sink& to) const {
  return window_walk(*this, what, to).run(queue);
}

expected<std::optional<entry_stub>, errc>
message_reader::find_entry(const entry_key& key) const {
  const auto found = records_->get(record_key(key));
  if (!found)
    return unexpected(found.error());
  if (!*found)
    return std::optional<entry_stub>();
  const auto entry = decode_entry(**found);
  if (!entry)
    return unexpected(entry.error());
  return std::optional(stub_of(key.at, entry->what));
}

/// Nothing when there is no such body, or another one in its place.
expected<std::optional<std::string>, errc>
message_reader::body_of(const body_reference& reference) const {
  const auto shard = shard_of(reference.id);
  if (shard >= bodies_.size())
    return std::optional<std::string>();
  auto found = bodies_[shard]->get(record_key(reference.id));
  if (!found || !*found)
    return found;
  const auto body = decode_body(**found);
  if (!body)
    return unexpected(body.error());
  if (reference_to(reference.id, *body) != reference)
    return std::optional<std::string>();
  (*found)->erase(0, (*found)->size() - body->size());
  return found;
}

} // namespace hetzel::persistence
