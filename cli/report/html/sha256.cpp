// cli/report/html/sha256.cpp: SHA-256 [FIPS 180-4, section 6.2] of a short text, for the content security policy.
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "cli/report/html/page.h"

namespace assay::report {
namespace {

constexpr std::array<uint32_t, 64> kPrimes{
    2,   3,   5,   7,   11,  13,  17,  19,  23,  29,  31,  37,  41,  43,  47,  53,  59,  61,  67,  71,  73,  79,
    83,  89,  97,  101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191, 193,
    197, 199, 211, 223, 227, 229, 233, 239, 241, 251, 257, 263, 269, 271, 277, 281, 283, 293, 307, 311};

// The first 32 bits of the fractional part of a root: the constants' definition (section 4.2.2).
uint32_t fraction_bits(long double root) { return static_cast<uint32_t>((root - std::floor(root)) * 4294967296.0L); }

void compress(std::array<uint32_t, 8>& H, const unsigned char* block) {
  std::array<uint32_t, 64> W{};
  for (size_t t = 0; t < 16; ++t)
    W[t] = uint32_t{block[4 * t]} << 24 | uint32_t{block[4 * t + 1]} << 16 | uint32_t{block[4 * t + 2]} << 8 |
           block[4 * t + 3];
  for (size_t t = 16; t < 64; ++t) {
    const uint32_t s0 = std::rotr(W[t - 15], 7) ^ std::rotr(W[t - 15], 18) ^ W[t - 15] >> 3;
    const uint32_t s1 = std::rotr(W[t - 2], 17) ^ std::rotr(W[t - 2], 19) ^ W[t - 2] >> 10;
    W[t] = W[t - 16] + s0 + W[t - 7] + s1;
  }
  auto [a, b, c, d, e, f, g, h] = H;
  for (size_t t = 0; t < 64; ++t) {
    const uint32_t K = fraction_bits(std::cbrt(static_cast<long double>(kPrimes[t])));
    const uint32_t T1 = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & f) ^ (~e & g)) + K + W[t];
    const uint32_t T2 = (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + T1, d = c, c = b, b = a, a = T1 + T2;
  }
  const std::array<uint32_t, 8> step{a, b, c, d, e, f, g, h};
  for (size_t i = 0; i < 8; ++i) H[i] += step[i];
}

std::string base64(const std::vector<unsigned char>& bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t three = uint32_t{bytes[i]} << 16;
    if (i + 1 < bytes.size()) three |= uint32_t{bytes[i + 1]} << 8;
    if (i + 2 < bytes.size()) three |= bytes[i + 2];
    for (size_t k = 0; k < 4; ++k) text += i + k > bytes.size() ? '=' : kDigits[three >> (18 - 6 * k) & 63];
  }
  return text;
}

}  // namespace

std::string sha256_base64(std::string_view bytes) {
  std::array<uint32_t, 8> H{};
  for (size_t i = 0; i < 8; ++i) H[i] = fraction_bits(std::sqrt(static_cast<long double>(kPrimes[i])));
  std::vector<unsigned char> message(bytes.begin(), bytes.end());
  message.push_back(0x80);
  while (message.size() % 64 != 56) message.push_back(0);
  for (int shift = 56; shift >= 0; shift -= 8)
    message.push_back(static_cast<unsigned char>(uint64_t{bytes.size()} * 8 >> shift));
  for (size_t at = 0; at < message.size(); at += 64) compress(H, message.data() + at);
  std::vector<unsigned char> digest;
  for (const uint32_t word : H)
    for (int shift = 24; shift >= 0; shift -= 8) digest.push_back(static_cast<unsigned char>(word >> shift));
  return base64(digest);
}

}  // namespace assay::report
