// bench/peak_memory.h: the memory this process has resident, and the most it ever had. Not getrusage: its maximum is inherited from
// the caller.
#pragma once
#include <cstdlib>
#include <fstream>
#include <string>

inline double status_bytes(const char* key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key)) return 1024 * std::atof(line.c_str() + 6);
  return 0;
}
inline double peak_bytes() { return status_bytes("VmHWM:"); }
inline double resident_bytes() { return status_bytes("VmRSS:"); }
