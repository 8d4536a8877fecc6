// Reads the .npy files of tests/golden/images: version 1.0, little-endian, C order, two dimensions.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace assay::test {

struct NpyArray {
  int rows = 0;
  int cols = 0;
  std::string dtype;           // "<f4", "<f8" or "<i2"
  std::vector<double> values;  // row by row; every dtype above is exact in double

  double operator()(int row, int col) const { return values[static_cast<std::size_t>(row) * cols + col]; }
};

inline NpyArray read_npy(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const auto demand = [&](bool holds, const char* what) {
    if (!holds) throw std::runtime_error(path + ": " + what);
  };
  demand(bytes.size() > 10 && bytes.compare(0, 8, std::string("\x93NUMPY\x01\0", 8)) == 0,
         "not an .npy file of version 1.0");
  const std::size_t length = static_cast<unsigned char>(bytes[8]) + 256u * static_cast<unsigned char>(bytes[9]);
  demand(bytes.size() >= 10 + length, "cut header");
  const std::string header = bytes.substr(10, length);
  demand(header.find("'fortran_order': False") != std::string::npos, "not in C order");

  NpyArray a;
  const std::size_t descr = header.find("'descr': '");
  const std::size_t shape = header.find("'shape': (");
  demand(descr != std::string::npos && shape != std::string::npos, "no descr or shape");
  a.dtype = header.substr(descr + 10, 3);
  demand(std::sscanf(header.c_str() + shape, "'shape': (%d, %d)", &a.rows, &a.cols) == 2, "not two dimensions");

  const std::size_t n = static_cast<std::size_t>(a.rows) * a.cols;
  const char* data = bytes.data() + 10 + length;
  const auto widen = [&]<class T>(T) {
    demand(bytes.size() == 10 + length + n * sizeof(T), "wrong length");
    a.values.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
      T x;
      std::memcpy(&x, data + i * sizeof(T), sizeof(T));
      a.values[i] = static_cast<double>(x);
    }
  };
  if (a.dtype == "<f4") {
    widen(float{});
  } else if (a.dtype == "<f8") {
    widen(double{});
  } else if (a.dtype == "<i2") {
    widen(std::int16_t{});
  } else {
    demand(false, "dtype is none of <f4, <f8, <i2");
  }
  return a;
}

}  // namespace assay::test
