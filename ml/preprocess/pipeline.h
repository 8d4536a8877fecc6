// ml/preprocess/pipeline.h: from the table's columns to what a learner accepts: impute, encode, scale.
//
// Fitted on training rows only, built from the learner's traits, printed, and stored in the model file. Each step says
// what it does in words, and the option that changes it.
#pragma once
#include <string>
#include <vector>

#include "assay/core/archive.h"
#include "assay/ml/learner.h"
#include "assay/ml/preprocess/class_weights.h"

namespace assay {

enum class Scale { automatic, none, standard, minmax, robust };
inline constexpr EnumNames<Scale, 5> scale_names{{{"auto", Scale::automatic},
                                                  {"none", Scale::none},
                                                  {"standard", Scale::standard},
                                                  {"minmax", Scale::minmax},
                                                  {"robust", Scale::robust}}};

struct PipelineOptions {
  Scale scale = Scale::automatic;  ///< automatic: standard where the learner needs scaling; a sparse table stays sparse
  ClassWeights class_weights;      ///< of the training rows
};

class Pipeline {
 public:
  Pipeline() = default;
  /// Learns medians, levels, means and spreads on `train` (Columns layout or Csr).
  static Pipeline fit(const Samples& train, const Traits& traits, const PipelineOptions& options, int threads);
  /// The same columns as `train` had, in the learner's layout; weights and groups are kept.
  Samples transform(const Samples& raw, int threads) const;
  /// True where `transform` would give `raw` again, cell by cell: it need not be copied then. `complete`: no cell of `raw` is
  /// known to be missing (as in training, where they were counted); else they are looked for.
  bool leaves_alone(const Samples& raw, bool complete, int threads) const;
  bool trained_complete() const;  ///< no cell was missing in training
  const std::vector<Column>& output_columns() const { return output_; }
  /// Column of the input each output column came from.
  const std::vector<int>& origin() const { return origin_; }
  /// One sentence a step, for the terminal and the report, with the option that changes it.
  std::vector<std::string> description() const;
  void save(ArchiveWriter& out) const;
  /// ModelError also where the file's steps are not those that a learner of such traits needs.
  static Pipeline load(const ArchiveReader& in, const std::vector<Column>& input, const Traits& traits);
  /// True where what `transform` gives is what a learner of these traits may see.
  bool suits(const Traits& traits) const;
  /// True where `transform` changes no cell of a table without gaps, whatever its layout.
  bool identity() const;
  /// Offset and spread of each output column (0 and 1 where it is not scaled): what turns coefficients back into
  /// original units.
  const std::vector<double>& offset() const { return offset_; }
  const std::vector<double>& spread() const { return spread_; }

 private:
  bool keeps_cells() const;  ///< that are there: neither scaled nor encoded
  void learn_columns(const Columns& X, std::vector<double>& offset, std::vector<double>& spread, int threads);
  void lay_out_columns();
  Matrix rows_of(const Columns& X, int threads) const;
  Columns columns_of(const Columns& X, int threads) const;
  double cell(const Columns& X, Index i, size_t j) const;
  std::vector<Column> input_, output_;
  std::vector<int> origin_, level_;  ///< of each output column: its input column; the level it indicates, or -1
  bool impute_ = false, encode_ = false, keep_sparse_ = false;
  Scale scale_ = Scale::none;
  Layout layout_ = Layout::rows;
  std::vector<double> fill_;             ///< a value an input column, where impute_
  std::vector<int> missing_;             ///< cells that were missing in training, an input column
  std::vector<double> offset_, spread_;  ///< an output column
};

}  // namespace assay
