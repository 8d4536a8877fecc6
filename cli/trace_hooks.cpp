#include "cli/process.h"

namespace assay::cli {
std::unique_ptr<Tracer> open_trace(Invocation&) { return nullptr; }
void close_trace(Tracer*, Invocation&) {}
}  // namespace assay::cli
