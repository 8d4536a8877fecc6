// Notation   a slot: `stride` floats for one row;  the ring: all slots by age, the oldest first
// Method     1 a row that is known: make its slot the youngest   2 else take the oldest slot and compute the row
//            3 shrink: positions are exchanged in every row; where less than half is left, every row is squeezed in place to
//            what stays: shorter slots, more of them
//            4 restore: the youngest rows that fit are spread out again; a row is completed when it is asked for
// Departures from the paper: squeezing; LIBSVM only exchanges.
#include "assay/ml/svm/cache.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace assay::svm {

float* CacheMemory::get(size_t floats) {
  if (floats > size_) {
    floats_.reset();
    floats_.reset(new float[floats]);  // not cleared: a page is fetched when a row is written to it
    size_ = floats;
  }
  return floats_.get();
}

KernelCache::KernelCache(KernelRows& rows, double bytes, CacheMemory& memory)
    : rows_(rows), n_(rows.n()), active_(rows.n()) {
  const auto row = static_cast<double>(padded(n_));
  const double most = std::min(static_cast<double>(n_), std::max(3.0, bytes / (4 * row)));
  floats_ = static_cast<size_t>(std::max(3.0, most)) * static_cast<size_t>(row);
  memory_ = memory.get(floats_);
  slot_of_.assign(static_cast<size_t>(n_), -1);
  set_stride();
}

// Slots and the ring for the present number of active positions; every slot free.
void KernelCache::set_stride() {
  stride_ = std::max<Index>(kLanes, padded(active_));
  slots_ = std::max<Index>(3, std::min<Index>(n_, static_cast<Index>(floats_) / stride_));
  head_ = slots_;
  row_in_.assign(static_cast<size_t>(slots_), -1);
  valid_.assign(static_cast<size_t>(slots_), 0);
  previous_.resize(static_cast<size_t>(slots_) + 1);
  next_.resize(static_cast<size_t>(slots_) + 1);
  for (Index s = 0; s <= slots_; ++s) {
    next_[static_cast<size_t>(s)] = s == slots_ ? 0 : s + 1;
    previous_[static_cast<size_t>(s)] = s == 0 ? slots_ : s - 1;
  }
}

void KernelCache::unlink(Index s) {
  const Index before = previous_[static_cast<size_t>(s)], after = next_[static_cast<size_t>(s)];
  next_[static_cast<size_t>(before)] = after;
  previous_[static_cast<size_t>(after)] = before;
}

void KernelCache::make_recent(Index s) {
  unlink(s);
  const Index youngest = previous_[static_cast<size_t>(head_)];
  next_[static_cast<size_t>(youngest)] = s;
  previous_[static_cast<size_t>(s)] = youngest;
  next_[static_cast<size_t>(s)] = head_;
  previous_[static_cast<size_t>(head_)] = s;
}

// The slot of position i, made the youngest; a new one forgets the row it held.
Index KernelCache::take_slot(Index i) {
  Index s = slot_of_[static_cast<size_t>(i)];
  if (s < 0) {
    s = next_[static_cast<size_t>(head_)];
    const Index old = row_in_[static_cast<size_t>(s)];
    if (old >= 0) slot_of_[static_cast<size_t>(old)] = -1;
    row_in_[static_cast<size_t>(s)] = i;
    valid_[static_cast<size_t>(s)] = 0;
    slot_of_[static_cast<size_t>(i)] = s;
  }
  make_recent(s);
  return s;
}

bool KernelCache::complete(Index i) const {
  const Index s = slot_of_[static_cast<size_t>(i)];
  return s >= 0 && valid_[static_cast<size_t>(s)] >= active_;
}

const float* KernelCache::row(Index i, Index companion) {
  if (complete(i)) {
    const Index s = slot_of_[static_cast<size_t>(i)];
    make_recent(s);
    return slot(s);
  }
  const Index both[2] = {companion, i};
  if (companion >= 0 && companion != i && !complete(companion))
    compute(both, 2);
  else
    compute(&i, 1);
  return slot(slot_of_[static_cast<size_t>(i)]);
}

void KernelCache::compute(const Index* i, int count) {
  float* out[2];
  Index begin = active_;
  for (int r = 0; r < count; ++r) {
    const Index s = take_slot(i[r]);
    begin = std::min(begin, valid_[static_cast<size_t>(s)] / kLanes * kLanes);
    valid_[static_cast<size_t>(s)] = active_;
  }
  for (int r = 0; r < count; ++r) out[r] = slot(slot_of_[static_cast<size_t>(i[r])]) + begin;
  rows_.compute(i, count, begin, padded(active_), out);
  computed_ += count;
}

void KernelCache::shrink(const std::vector<int>& order, Index active) {
  if (2 * padded(active) > stride_)
    exchange(order, active);
  else
    squeeze(order, active);
  rows_.reorder(order);
}

// Moves the values of the positions that change places. What a row knows beyond the active ones it keeps, where it knew both.
void KernelCache::exchange(const std::vector<int>& order, Index active) {
  std::vector<std::pair<Index, Index>> places;  // t takes what stands at order[t] > t
  for (Index t = 0; t < active; ++t)
    if (order[static_cast<size_t>(t)] != t) places.emplace_back(t, order[static_cast<size_t>(t)]);
  for (Index s = 0; s < slots_; ++s) {
    if (row_in_[static_cast<size_t>(s)] < 0) continue;
    float* values = slot(s);
    Index& known = valid_[static_cast<size_t>(s)];
    for (const auto& [t, from] : places) {
      if (t >= known) break;
      if (from < known)
        std::swap(values[t], values[from]);
      else
        known = t;
    }
  }
  for (const auto& [t, from] : places) {
    std::swap(slot_of_[static_cast<size_t>(t)], slot_of_[static_cast<size_t>(from)]);
    for (const Index place : {t, from})
      if (slot_of_[static_cast<size_t>(place)] >= 0)
        row_in_[static_cast<size_t>(slot_of_[static_cast<size_t>(place)])] = place;
  }
  active_ = active;
}

// Every row keeps the active positions alone, in a shorter slot.
void KernelCache::squeeze(const std::vector<int>& order, Index active) {
  std::vector<Index> place(static_cast<size_t>(n_));
  for (Index t = 0; t < n_; ++t) place[static_cast<size_t>(order[static_cast<size_t>(t)])] = t;
  std::vector<Index> by_age, row_in = row_in_, valid = valid_;
  for (Index s = next_[static_cast<size_t>(head_)]; s != head_; s = next_[static_cast<size_t>(s)])
    if (row_in_[static_cast<size_t>(s)] >= 0) by_age.push_back(s);
  const Index old_stride = stride_;
  active_ = active;
  set_stride();
  for (size_t s = 0; s < row_in.size(); ++s) {  // row s moves down only: old_stride >= stride_
    if (row_in[s] < 0) continue;
    const float* from = memory_ + static_cast<Index>(s) * old_stride;
    float* to = slot(static_cast<Index>(s));
    Index known = 0;
    while (known < active && order[static_cast<size_t>(known)] < valid[s]) {
      to[known] = from[order[static_cast<size_t>(known)]];
      ++known;
    }
    row_in_[s] = place[static_cast<size_t>(row_in[s])];
    valid_[s] = known;
  }
  std::fill(slot_of_.begin(), slot_of_.end(), -1);
  for (size_t s = 0; s < row_in_.size(); ++s)
    if (row_in_[s] >= 0) slot_of_[static_cast<size_t>(row_in_[s])] = static_cast<Index>(s);
  for (const Index s : by_age) make_recent(s);
}

void KernelCache::restore() {
  if (stride_ == padded(n_)) {
    active_ = n_;
    return;
  }
  std::vector<Index> by_age;  // youngest first
  for (Index s = previous_[static_cast<size_t>(head_)]; s != head_; s = previous_[static_cast<size_t>(s)])
    if (row_in_[static_cast<size_t>(s)] >= 0) by_age.push_back(s);
  const std::vector<Index> row_in = row_in_, valid = valid_;
  const Index old_stride = stride_;
  active_ = n_;
  set_stride();
  by_age.resize(std::min(by_age.size(), static_cast<size_t>(slots_)));
  std::vector<Index> kept = by_age;
  std::sort(kept.begin(), kept.end());
  // First close ranks at the old stride, then spread out from the end: no row is overwritten before it is moved.
  const auto bytes = [&](Index s) { return static_cast<size_t>(valid[static_cast<size_t>(s)]) * sizeof(float); };
  for (size_t k = 0; k < kept.size(); ++k)
    std::memmove(memory_ + static_cast<Index>(k) * old_stride, memory_ + kept[k] * old_stride, bytes(kept[k]));
  for (size_t k = kept.size(); k-- > 0;)
    std::memmove(slot(static_cast<Index>(k)), memory_ + static_cast<Index>(k) * old_stride, bytes(kept[k]));
  std::fill(slot_of_.begin(), slot_of_.end(), -1);
  std::vector<Index> new_slot(row_in.size(), -1);
  for (size_t k = 0; k < kept.size(); ++k) {
    const auto from = static_cast<size_t>(kept[k]);
    new_slot[from] = static_cast<Index>(k);
    row_in_[k] = row_in[from];
    valid_[k] = valid[from];
    slot_of_[static_cast<size_t>(row_in[from])] = static_cast<Index>(k);
  }
  for (size_t k = by_age.size(); k-- > 0;) make_recent(new_slot[static_cast<size_t>(by_age[k])]);
}

}  // namespace assay::svm
