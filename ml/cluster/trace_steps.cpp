#include "assay/ml/cluster/trace_steps.h"
namespace assay::kmeans {
void trace_seed(const Context&, const Samples&, const std::vector<Index>&, const std::vector<double>&,
                const std::vector<Index>&, const std::vector<double>&, size_t) {}
struct TraceHalfSteps::State {};
TraceHalfSteps::TraceHalfSteps(const Context&, const Samples&) {}
TraceHalfSteps::~TraceHalfSteps() = default;
void TraceHalfSteps::assigned(long, const Matrix&, const Assigner&, const std::vector<Change>&) {}
void TraceHalfSteps::filled(long, const Matrix&, const std::vector<Change>&) {}
void TraceHalfSteps::moved(long, const Matrix&, const Assigner&, double) {}
}  // namespace assay::kmeans
