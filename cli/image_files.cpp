#include "cli/image_files.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <opencv2/core.hpp>

#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/imgproc/op.h"
#include "cli/bundled.h"

namespace assay::cli {

namespace fs = std::filesystem;

namespace {

bool has_picture_ending(const fs::path& path) {
  const std::string ending = lower(path.extension().string());
  for (const char* known : {".png", ".jpg", ".jpeg", ".pbm", ".pgm", ".ppm", ".pnm", ".pfm", ".npy"})
    if (ending == known) return true;
  return false;
}

// What a folder holds that `wanted` accepts, by name.
template <class Wanted>
std::vector<std::string> entries(const std::string& path, Wanted&& wanted) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error))
    if (wanted(*entry)) found.push_back(entry->path().string());
  if (error) throw DataError("cannot read the folder: " + error.message(), "", Place{path, 0, 0});
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::string> pictures_directly_in(const std::string& path) {
  return entries(path, [](const fs::directory_entry& entry) {
    std::error_code ignored;
    return entry.is_regular_file(ignored) && has_picture_ending(entry.path());
  });
}

}  // namespace

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return (!path.empty() && path.back() == '/') || fs::is_directory(path, ignored);
}

std::vector<std::string> expand_pictures(const std::vector<std::string>& arguments) {
  std::vector<std::string> pictures;
  for (const std::string& argument : arguments) {
    const std::string path = resolve_path(argument);
    if (!is_folder(path)) {
      pictures.push_back(path);
      continue;
    }
    const std::vector<std::string> found = pictures_directly_in(path);
    if (found.empty()) throw DataError("there are no pictures in this folder", "", Place{path, 0, 0});
    pictures.insert(pictures.end(), found.begin(), found.end());
  }
  return pictures;
}

std::vector<FolderPicture> pictures_in_folder(const std::string& path) {
  std::vector<FolderPicture> pictures;
  for (const std::string& folder : entries(path, [](const fs::directory_entry& entry) {
         std::error_code ignored;
         return entry.is_directory(ignored) && !entry.path().filename().string().starts_with('.');
       }))
    for (const std::string& picture : pictures_directly_in(folder))
      pictures.push_back({picture, fs::path(folder).filename().string()});
  const std::vector<std::string> direct = pictures_directly_in(path);
  if (pictures.empty() && direct.empty())
    throw DataError("there are no pictures in this folder", "", Place{path, 0, 0});
  if (!pictures.empty() && !direct.empty())
    throw DataError("pictures lie in this folder and in its sub-folders", "one or the other: a sub-folder is a class",
                    Place{path, 0, 0});
  for (const std::string& picture : direct) pictures.push_back({picture, ""});
  return pictures;
}

std::vector<ImageJob> plan_outputs(const std::vector<std::string>& inputs, const std::string& out,
                                   const std::string& ending) {
  if (!is_folder(out)) {
    if (inputs.size() != 1)
      throw UsageError(std::to_string(inputs.size()) + " pictures cannot go to the one file " + quoted(out),
                       "name a folder: --out " + out + "/");
    image_format_of(out);  // an unknown ending is found before any work is done
    return {{inputs[0], out}};
  }
  std::vector<ImageJob> jobs;
  std::map<std::string, std::string> taken;
  for (const std::string& input : inputs) {
    const std::string name = input == "-" ? "stdin" : fs::path(input).stem().string();
    const std::string output = (fs::path(out) / (name + "." + ending)).string();
    const auto [other, fresh] = taken.emplace(output, input);
    if (!fresh)
      throw UsageError(quoted(other->second) + " and " + quoted(input) + " would both be written to " + quoted(output));
    jobs.push_back({input, output});
  }
  return jobs;
}

Fitted fit_to_format(const cv::Mat& image, ImageFormat format) {
  Fitted fitted{image, "", std::nullopt};
  if (can_hold(format, image)) return fitted;
  const bool wants_floats = format == ImageFormat::pfm;
  if (wants_floats && image.depth() != CV_32F) {
    const double scale = full_scale(image);
    image.convertTo(fitted.image, CV_32F, 1 / scale);
    fitted.range = {0, scale};
    fitted.note = "written as floats: 1 is " + shortest(scale);
  } else if (!wants_floats && image.depth() == CV_32F) {
    double low = 0, high = 0;
    cv::minMaxLoc(image.reshape(1), &low, &high);
    if (!std::isfinite(low) || !std::isfinite(high))
      throw DataError("a result that is not finite cannot be written in 8 bits");
    if (low >= 0 && high <= 1) low = 0, high = 1;
    const double scale = 255 / (high > low ? high - low : 1);
    image.convertTo(fitted.image, CV_8U, scale, -low * scale);
    fitted.range = {low, high};
    fitted.note = "written in 8 bits: black is " + six_digits(low) + ", white is " + six_digits(high);
  } else if (format == ImageFormat::jpeg && image.depth() == CV_16U) {
    image.convertTo(fitted.image, CV_8U, 1 / 257.0);
    fitted.range = {0, 65535};
    fitted.note = "written in 8 bits: white is 65535";
  }
  return fitted;  // what still does not fit, encode_image refuses in words
}

}  // namespace assay::cli
