// bench/ml/table_file.h: the tables that the scripts of this folder write for the programs beside them.
//
// A file of doubles, part after part: n, d, K (0: values), then X by columns, then y (codes of the classes, or values).
#pragma once
#include <fstream>
#include <string>

#include "assay/ml/data/samples.h"

namespace assay::bench {

struct Part {
  Samples x;
  Target y;
};

inline void read_doubles(std::ifstream& in, double* to, Index count) {
  in.read(reinterpret_cast<char*>(to), static_cast<std::streamsize>(sizeof(double)) * count);
}

inline Part read_part(std::ifstream& in) {
  double shape[3];
  read_doubles(in, shape, 3);
  const Index n = static_cast<Index>(shape[0]), d = static_cast<Index>(shape[1]);
  const int K = static_cast<int>(shape[2]);
  Part part;
  Columns X(n, d);
  read_doubles(in, X.data(), n * d);
  for (Index f = 0; f < d; ++f) part.x.columns.push_back({"x" + std::to_string(f), {}});
  part.x.X = std::move(X);
  part.y.name = "y";
  for (int k = 0; k < K; ++k) part.y.classes.push_back(std::to_string(k));
  Vector y(n);
  read_doubles(in, y.data(), n);
  if (K == 0)
    part.y.value = std::move(y);
  else
    for (Index i = 0; i < n; ++i) part.y.code.push_back(static_cast<int>(y[i]));
  return part;
}

}  // namespace assay::bench
