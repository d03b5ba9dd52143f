#pragma once

namespace hetzel::runtime {

template <class T>
class intrusive_list;

/// Base of what may stand in one `intrusive_list` at a time. Destroying it
/// takes it out. Not movable: the list points at it.
template <class T>
class intrusive_list_node {
public:
  intrusive_list_node() noexcept = default;
  intrusive_list_node(const intrusive_list_node&) = delete;
  intrusive_list_node& operator=(const intrusive_list_node&) = delete;

  [[nodiscard]] bool is_listed() const noexcept { return next_ != nullptr; }

  /// Takes it out of its list, if any.
  void unlist() noexcept {
    if (!next_)
      return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    next_ = previous_ = nullptr;
  }

protected:
  ~intrusive_list_node() { unlist(); }

private:
  friend class intrusive_list<T>;

  intrusive_list_node* next_ = nullptr;
  intrusive_list_node* previous_ = nullptr;
};

/// A doubly linked list that owns nothing and allocates nothing; `T` derives
/// from `intrusive_list_node<T>`.
template <class T>
class intrusive_list {
  using node = intrusive_list_node<T>;

public:
  intrusive_list() noexcept { reset(); }
  ~intrusive_list() { clear(); }
  intrusive_list(const intrusive_list&) = delete;
  intrusive_list& operator=(const intrusive_list&) = delete;

  [[nodiscard]] bool empty() const noexcept { return head_.next_ == &head_; }

  void push_back(T& item) noexcept {
    node& entry = item;
    entry.unlist();
    entry.previous_ = head_.previous_;
    entry.next_ = &head_;
    head_.previous_->next_ = &entry;
    head_.previous_ = &entry;
  }

  /// Takes the first out; null when empty.
  T* pop_front() noexcept {
    if (empty())
      return nullptr;
    node* first = head_.next_;
    first->unlist();
    return static_cast<T*>(first);
  }

  /// Moves all of `other` behind what is here, in constant time.
  void splice_back(intrusive_list& other) noexcept {
    if (other.empty())
      return;
    node* first = other.head_.next_;
    node* last = other.head_.previous_;
    other.reset();
    first->previous_ = head_.previous_;
    head_.previous_->next_ = first;
    last->next_ = &head_;
    head_.previous_ = last;
  }

  void clear() noexcept {
    while (pop_front())
      ;
  }

private:
  void reset() noexcept { head_.next_ = head_.previous_ = &head_; }

  node head_;
};

} // namespace hetzel::runtime
