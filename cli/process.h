// cli/process.h: what belongs to the process as a whole: clocks, memory, signals, the trace folder.
#pragma once
#include <memory>

#include "cli/verb.h"

namespace assay::cli {

double resident_mb();  ///< now
/// The flag that signals set and all contexts watch.
Cancellation& process_cancellation();
/// What `assay` alone prints.
std::string overview();
/// Global options, the verb's, and those of its first argument.
std::vector<Option> all_options(const Verb& verb, const std::string& first);

/// The folder of --trace, attached to the context; null without --trace.
class Tracer {
 public:
  virtual ~Tracer() = default;
};
std::unique_ptr<Tracer> open_trace(Invocation& call);
void close_trace(Tracer* tracer, Invocation& call);

}  // namespace assay::cli
