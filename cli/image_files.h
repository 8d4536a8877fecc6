// cli/image_files.h: which pictures a verb reads, where each goes, and how a result fits the format it is written in.
#pragma once
#include <opencv2/core/mat.hpp>
#include <optional>
#include <string>
#include <vector>

#include "assay/imgproc/io/image_file.h"

namespace assay::cli {

/// One picture to read and the file its result goes to.
struct ImageJob {
  std::string input, output;
};

/// "@name" is resolved, a folder stands for the pictures in it, by name. UsageError where there is none.
std::vector<std::string> expand_pictures(const std::vector<std::string>& arguments);

/// A picture of a folder, and the sub-folder it lies in: its class.
struct FolderPicture {
  std::string path, folder;
};

/// The pictures in a folder (`folder` empty), or those of its sub-folders, by sub-folder, then by name. DataError where
/// there are none, or both kinds.
std::vector<FolderPicture> pictures_in_folder(const std::string& path);

/// True for what ends in '/' or is a folder.
bool is_folder(const std::string& path);

/// One input goes to the file `out`, or into the folder `out`; several need a folder. Names in a folder are the input's
/// with the ending `ending`. UsageError where two inputs would go to one file.
std::vector<ImageJob> plan_outputs(const std::vector<std::string>& inputs, const std::string& out,
                                   const std::string& ending);

/// What became of a picture so that a format can hold it.
struct Fitted {
  cv::Mat image;
  std::string note;                                ///< "" where nothing was changed
  std::optional<std::pair<double, double>> range;  ///< the values written as black and as white
};

/// Floats for an integer format: 0..1 becomes 0..255, any other range is stretched. 16 bits for JPEG: 8. Integers for
/// PFM: full scale becomes 1. What fits is left as it is; alpha in a format without it is a DataError.
Fitted fit_to_format(const cv::Mat& image, ImageFormat format);

}  // namespace assay::cli
