// ml/selection/split.h: which rows train and which rows test.
//
// All splits are functions of the data and of ctx.rng(): the same seed gives the same folds on every machine. Lists
// hold row numbers in ascending order. Errors  UsageError: fewer than 2 folds, more folds than rows or groups, a
// fraction outside (0, 1)
#pragma once
#include <string>
#include <vector>

#include "assay/core/context.h"
#include "assay/ml/data/samples.h"

namespace assay {

struct Fold {
  std::vector<int> train, test;
  int repeat = 0;
};

/// Rows in random order, dealt like cards: fold sizes differ by at most one.
std::vector<Fold> k_fold(Index n, int folds, const Context& ctx);

/// Rows in random order within each class, the classes one after another, dealt like cards: sizes of folds, and of each
/// class in them, differ by at most one.
std::vector<Fold> stratified_k_fold(const std::vector<int>& code, int folds, const Context& ctx);

/// All rows of a group fall into one fold. Groups go largest first (equal ones in random order), each to the fold f
/// where sum over classes c of (rows of c in f / rows of c)^2 grows least; ties: the fold with fewer rows, then the
/// lower one. `code` empty: one class.
std::vector<Fold> group_k_fold(const std::vector<int>& groups, const std::vector<int>& code, int folds,
                               const Context& ctx);

/// The folds of a comparison: `repeats` times, by group where the samples have groups, else stratified by class, else
/// plain. Adds a warning where a class has fewer rows than there are folds.
std::vector<Fold> make_folds(const Samples& samples, const Target& target, int folds, int repeats, const Context& ctx,
                             std::vector<std::string>* warnings = nullptr);
/// How make_folds cuts: "5 folds, stratified by class".
std::string fold_note(const Samples& samples, const Target& target, int folds, int repeats);

/// One split with about `test_fraction` of the rows in `test`: stratified (each class within one row of its share),
/// whole groups where the samples have groups. At least one row on each side.
Fold hold_out(const Samples& samples, const Target& target, double test_fraction, const Context& ctx);

}  // namespace assay
