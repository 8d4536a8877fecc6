// Notation   counter c[0..3], key k[0..1]; M0, M1: multipliers, W0, W1: Weyl increments of the key [Salmon2011, table
// 2]. Departures from the paper: none for the bijection. The counter is (block, stream) and the key is the seed, so
// that a stream has 2^64 blocks.
#include "assay/core/rng.h"

#include <cmath>
#include <numeric>

namespace assay {

std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> c, std::array<uint32_t, 2> k) {
  constexpr uint64_t M0 = 0xD2511F53, M1 = 0xCD9E8D57;
  constexpr uint32_t W0 = 0x9E3779B9, W1 = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = M0 * c[0], p1 = M1 * c[2];
    c = {static_cast<uint32_t>(p1 >> 32) ^ c[1] ^ k[0], static_cast<uint32_t>(p1),
         static_cast<uint32_t>(p0 >> 32) ^ c[3] ^ k[1], static_cast<uint32_t>(p0)};
    k = {k[0] + W0, k[1] + W1};
  }
  return c;
}

uint64_t Rng::next() {
  if (left_ == 0) {
    const auto r = philox4x32({static_cast<uint32_t>(block_), static_cast<uint32_t>(block_ >> 32),
                               static_cast<uint32_t>(stream_), static_cast<uint32_t>(stream_ >> 32)},
                              {static_cast<uint32_t>(seed_), static_cast<uint32_t>(seed_ >> 32)});
    buffer_ = {r[0] | static_cast<uint64_t>(r[1]) << 32, r[2] | static_cast<uint64_t>(r[3]) << 32};
    ++block_;
    left_ = 2;
  }
  return buffer_[static_cast<size_t>(2 - left_--)];
}

double Rng::uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

// Multiply-shift with rejection of the few biased low products [Lemire2019, alg. 5].
uint64_t Rng::below(uint64_t n) {
  __extension__ using u128 = unsigned __int128;
  u128 m = static_cast<u128>(next()) * n;
  if (static_cast<uint64_t>(m) < n) {
    const uint64_t threshold = (0 - n) % n;
    while (static_cast<uint64_t>(m) < threshold) m = static_cast<u128>(next()) * n;
  }
  return static_cast<uint64_t>(m >> 64);
}

double Rng::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  const double angle = 6.283185307179586476925 * uniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

std::vector<int> Rng::permutation(int n) {
  std::vector<int> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  shuffle(order);
  return order;
}

uint64_t mix_stream(uint64_t stream, const char* name, uint64_t index) {
  const auto mix = [](uint64_t z) {  // the finaliser of SplitMix64: a bijection with full avalanche
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  };
  for (const char* p = name; *p; ++p) stream = mix(stream * 0x100000001B3ull + static_cast<unsigned char>(*p) + 1);
  return mix(stream + 0x9E3779B97F4A7C15ull * (index + 1));
}

}  // namespace assay
