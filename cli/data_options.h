// cli/data_options.h: the options that say how a table is read and which column plays which part.
#pragma once
#include "assay/ml/data/table.h"
#include "assay/ml/model.h"
#include "cli/verb.h"

namespace assay::cli {

/// --format --header --sep --missing --categorical --numeric --max-cell --max-columns
std::vector<Option> table_options();
/// --target --weights --positive --drop-missing-target: of a table that is scored
std::vector<Option> scoring_options();
/// The same with --ignore --task: of a table that is looked at or learned from
std::vector<Option> role_options();
/// --scale --class-weight
std::vector<Option> pipeline_options();

/// Reads a table ("@name", "-" and files), timed as load_s.
Table load_table(Invocation& call, const std::string& path);
/// Table options as said.
TableOptions read_table_options(const Options& options);
RoleOptions read_role_options(const Options& options);
/// Scaling, and the class weights for the classes of `target`.
PipelineOptions read_pipeline_options(const Options& options, const Target& target);

/// Table -> samples and target; the task is said on stderr.
Dataset load_dataset(Invocation& call, const std::string& path);
/// The same from a table in memory.
Dataset make_dataset(Invocation& call, const Table& table);
/// Warns of rows without a target that --drop-missing-target left out.
void warn_dropped(Invocation& call, const Table& table, const Dataset& data);

/// The positive class of two, checked against --positive; "" for other tasks. Printed by the caller.
std::string positive_class(const Options& options, const Target& target);

}  // namespace assay::cli
