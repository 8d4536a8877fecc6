// bench/peak_memory.h: the most memory this process had resident. Not getrusage: its maximum is inherited from the caller.
#pragma once
#include <cstdlib>
#include <fstream>
#include <string>

inline double peak_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return 1024 * std::atof(line.c_str() + 6);
  return 0;
}
