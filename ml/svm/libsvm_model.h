// ml/svm/libsvm_model.h: LIBSVM's model text, both ways.
//
//   svm_type c_svc / kernel_type rbf / gamma g / nr_class k / total_sv n / rho r ... / label l ... / [probA a ... / probB b ...] /
//   nr_sv n ... / SV /   then a line a vector:   coefficient ... (k - 1 of them)  index:value ...   (from 1, zeros left out)
//
// Guarantees numbers are written so that they read back as the same doubles; the machines' values are LIBSVM's to rounding
// Labels     whole numbers. Classes whose names are whole numbers keep them; others are numbered 1..K in class order, two are +1
//            (the last) and -1: as `write_libsvm` numbers them
// Reads      c_svc, nu_svc, epsilon_svr, nu_svr; nothing of the text is believed: counts, order and range of indices,
//            finite numbers; ModelError with file and line
// See        [Chang2011] and the README of LIBSVM
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "assay/core/input.h"
#include "assay/ml/model.h"
#include "assay/ml/svm/svm.h"

namespace assay {

/// LIBSVM's label of each class; UsageError where a name is a number but not a whole one.
std::vector<std::string> libsvm_labels(const std::vector<std::string>& classes);
std::string write_libsvm_model(const SvmModel& model, const std::vector<std::string>& classes);

/// A whole model: classes named by the labels, columns f1, f2, ..., no pipeline.
Model parse_libsvm_model(std::string_view bytes, const std::string& name, const InputBudget& budget = {});

}  // namespace assay
