// cli/data_options.h: the options that say how a table is read and which column plays which part.
#pragma once
#include "assay/ml/data/table.h"
#include "assay/ml/model.h"
#include "cli/verb.h"

namespace assay::cli {

/// --format --header --sep --missing --categorical --numeric --max-cell --max-columns
std::vector<Option> table_options();
/// --target --ignore --weights --group --task --drop-missing-target --positive --class-weight
std::vector<Option> role_options();
/// --scale
std::vector<Option> pipeline_options();

/// Reads a table ("@name", "-" and files), timed as load_s.
Table load_table(Invocation& call, const std::string& path);
/// Table options as said.
TableOptions read_table_options(const Options& options);
RoleOptions read_role_options(const Options& options);
PipelineOptions read_pipeline_options(const Options& options);

/// Table -> samples and target, with class weights applied, and the task said on stderr and in the result.
Dataset load_dataset(Invocation& call, const std::string& path);
/// The same from a table in memory.
Dataset make_dataset(Invocation& call, const Table& table);

/// The positive class of two, checked against --positive; "" for other tasks. Printed by the caller.
std::string positive_class(const Options& options, const Target& target);

}  // namespace assay::cli
