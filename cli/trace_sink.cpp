#include "cli/trace_sink.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core/mat.hpp>

#include "assay/core/json.h"
#include "assay/core/output.h"
#include "assay/imgproc/io/image_file.h"
#include "cli/report/figures/axis.h"
#include "cli/report/figures/raster.h"

namespace assay::cli {
namespace {

constexpr long kFirst = 50;

// A name that came from code, as a file name.
std::string file_name(const std::string& name) {
  std::string safe = name.empty() ? "unnamed" : name.substr(0, 80);
  for (char& c : safe)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
          c == '.'))
      c = '_';
  if (safe[0] == '.') safe[0] = '_';
  return safe;
}

std::string folder_of(const std::string& path) {
  std::string folder;
  for (size_t begin = 0; begin < path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    if (end > begin) folder += file_name(path.substr(begin, end - begin)) + "/";
    begin = end + 1;
  }
  return folder;
}

Json json_value(const TraceValue& value) {
  return std::visit([](const auto& v) { return Json(v); }, value);
}

std::string json_line(long number, const TraceStep& step) {
  Json line = {{"_step", number}};
  if (!step.why.empty()) line["_why"] = step.why;
  for (const TraceField& f : step.fields) line[f.symbol] = json_value(f.value);
  return line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string three_digits(long number) {
  const std::string digits = std::to_string(number);
  return std::string(digits.size() < 3 ? 3 - digits.size() : 0, '0') + digits;
}

std::string png_of(const report::Raster& raster) {
  auto* samples = const_cast<uint8_t*>(raster.samples.data());  // cv::Mat has no view of constant data
  return encode_image(cv::Mat(raster.height, raster.width, CV_8UC(raster.channels), samples), ImageFormat::png);
}

// "tree-2" before "tree-10".
bool natural_less(const std::string& a, const std::string& b) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      size_t e = i, f = j;
      while (e < a.size() && is_digit(a[e])) ++e;
      while (f < b.size() && is_digit(b[f])) ++f;
      if (e - i != f - j) return e - i < f - j;
      const int order = a.compare(i, e - i, b, j, f - j);
      if (order != 0) return order < 0;
      i = e, j = f;
    } else {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i, ++j;
    }
  }
  return a.size() - i < b.size() - j;
}

}  // namespace

std::vector<long> steps_to_keep(long total, int budget) {
  const long most = std::max(2, budget);
  std::vector<long> kept;
  const long head = total <= most ? total : std::min(kFirst, most / 2);
  for (long i = 0; i < head; ++i) kept.push_back(i);
  if (total <= most) return kept;
  // From head to total - 1 in equal steps of the logarithm; where those are closer than one, the next whole number.
  const double ratio = std::log(static_cast<double>(total - 1) / static_cast<double>(head));
  const long tail = most - head;
  for (long k = 1; k <= tail; ++k) {
    const double at = static_cast<double>(head) * std::exp(ratio * static_cast<double>(k) / static_cast<double>(tail));
    kept.push_back(std::max(kept.back() + 1, std::min(total - 1 - (tail - k), std::lround(at))));
  }
  return kept;
}

FolderTrace::FolderTrace(TraceOptions options) : options_(std::move(options)) {
  options_.steps = std::max(2, options_.steps);
}

// Keeps, of the steps there were so far, those nearest to the ones a budget would keep.
void FolderTrace::thin(Series& series, size_t budget) {
  if (series.kept.size() <= budget) return;
  std::vector<Entry> kept;
  size_t at = 0;
  for (const long target : steps_to_keep(series.total, static_cast<int>(budget))) {
    while (at + 1 < series.kept.size() &&
           std::abs(series.kept[at + 1].index - target) <= std::abs(series.kept[at].index - target))
      ++at;
    if (kept.empty() || series.kept[at].index > kept.back().index) kept.push_back(series.kept[at]);
  }
  uint64_t bytes = 0;
  for (const Entry& e : kept) bytes += e.bytes.size();
  bytes_ -= series.bytes - bytes;
  series.bytes = bytes;
  series.kept = std::move(kept);
}

void FolderTrace::keep_within_budget() {
  while (bytes_ > options_.max_bytes) {
    Series* largest = nullptr;
    for (auto& path : paths_)
      for (auto& series : path.second.series)
        if (!largest || series.second.bytes > largest->bytes) largest = &series.second;
    if (largest->kept.size() > 3) {
      thin(*largest, largest->kept.size() / 2);
    } else {
      bytes_ -= largest->bytes;
      largest->bytes = 0;
      largest->kept.clear();
    }
  }
}

void FolderTrace::add(Path& path, Series& series, Entry entry) {
  entry.index = series.total++;
  entry.order = path.order++;
  series.bytes += entry.bytes.size();
  bytes_ += entry.bytes.size();
  series.kept.push_back(std::move(entry));
  const auto steps = static_cast<size_t>(options_.steps);
  if (series.kept.size() > 4 * steps) thin(series, 2 * steps);
  if (bytes_ > 2 * options_.max_bytes) keep_within_budget();
}

void FolderTrace::step(const std::string& path_name, const TraceStep& step) {
  const std::lock_guard lock(mutex_);
  Path& path = paths_[path_name];
  Series& series = path.series["step " + step.kind];
  Entry entry;
  entry.step = step;
  entry.bytes = json_line(series.total + 1, step);
  add(path, series, std::move(entry));
}

void FolderTrace::image(const std::string& path_name, const TraceImage& image) {
  const report::Raster raster = report::to_raster(image.view, image.stretch);
  Entry entry;
  entry.bytes = png_of(raster);
  entry.picture = {"",        raster.width, raster.height, image.stage,      image.title,  image.caption,
                   image.why, image.source, image.fields,  raster.stretched, raster.black, raster.white};
  const std::lock_guard lock(mutex_);
  Path& path = paths_[path_name];
  entry.picture.file = folder_of(path_name) + three_digits(++path.pictures) + "-" + file_name(image.stage) + ".png";
  Series& series = path.series["image " + image.stage];
  series.is_picture = true;
  add(path, series, std::move(entry));
}

report::Chapter FolderTrace::write_path(const std::string& name, Path& path, std::vector<std::string>& left_out) {
  report::Chapter chapter;
  chapter.path = name;
  if (!folder_of(name).empty()) make_folder(options_.folder + "/" + folder_of(name));
  std::vector<std::pair<long, std::variant<report::StoryPicture, report::StorySeries>>> items;
  for (auto& [key, series] : path.series) {
    const std::string word = key.substr(key.find(' ') + 1);
    const auto kept = static_cast<long>(series.kept.size());
    if (kept < series.total)
      left_out.push_back((name.empty() ? "" : name + ": ") + report::count_text(kept) + " of " +
                         report::count_text(series.total) + (series.is_picture ? " pictures" : " steps") + " of \"" +
                         word + "\" were kept" +
                         (kept == 0 ? " (--trace-max)."
                                    : ": the first ones, then ever fewer, and the last (--trace-steps, --trace-max)."));
    if (series.is_picture) {
      for (Entry& e : series.kept) {
        write_file(options_.folder + "/" + e.picture.file, e.bytes);
        items.emplace_back(e.order, std::move(e.picture));
      }
    } else if (kept > 0) {
      report::StorySeries told{word, folder_of(name) + file_name(word) + ".jsonl", {}, series.total};
      std::string lines;
      for (Entry& e : series.kept) {
        lines += e.bytes;
        told.steps.push_back({e.index + 1, std::move(e.step)});
      }
      write_file(options_.folder + "/" + told.file, lines);
      items.emplace_back(series.kept.front().order, std::move(told));
    }
  }
  std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& item : items) chapter.items.push_back(std::move(item.second));
  return chapter;
}

std::string FolderTrace::finish() {
  const std::lock_guard lock(mutex_);
  for (auto& path : paths_)
    for (auto& series : path.second.series) thin(series.second, static_cast<size_t>(options_.steps));
  keep_within_budget();
  make_folder(options_.folder);
  std::vector<std::string> names;
  for (const auto& path : paths_) names.push_back(path.first);
  std::sort(names.begin(), names.end(), natural_less);
  report::Story story{options_.title, options_.command, options_.version, options_.source_root, {}, {}};
  for (const std::string& name : names) story.chapters.push_back(write_path(name, paths_[name], story.left_out));
  const std::string index = options_.folder + "/index.html";
  write_file(index, report::render_trace(story));
  return index;
}

}  // namespace assay::cli
