#include "assay/ml/ensemble/adaboost_picture.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "assay/core/text.h"

namespace assay::ensemble {
namespace {

using kmeans::Canvas;
using kmeans::cluster_color;
using kmeans::Color;
using kmeans::tint;

constexpr Color kBlack{20, 20, 20};
constexpr int kFirstPictures = 8;  // then rounds 16, 32, 64, ...
constexpr Index kDrawn = 3000;     // rows of a picture
constexpr int kGrid = 2;           // pixels between two places where the base is asked
constexpr double kMeanRadius = 3.4, kLeastRadius = 0.8, kGreatestRadius = 16;

bool is_drawn(int t) { return t < kFirstPictures || (t & (t + 1)) == 0; }

}  // namespace

std::optional<WeightPictures> WeightPictures::make(const Samples& samples, const Target& target, const Context& ctx) {
  if (!ctx.trace || std::holds_alternative<Csr>(samples.X)) return std::nullopt;
  Samples rows;
  rows.columns = samples.columns;
  const auto* columns = std::get_if<Columns>(&samples.X);
  rows.X = columns ? Matrix(*columns) : samples.rows();
  return WeightPictures(std::move(rows), columns != nullptr, target);
}

/// The base's answer every few pixels: for a stump, two colours and its line between them.
void WeightPictures::shade(Canvas& canvas, const AnyModel& base, const Context& ctx) const {
  constexpr int kPoints = Canvas::kSize / kGrid;
  Matrix places(kPoints * kPoints, 2);
  for (int v = 0; v < kPoints; ++v)
    for (int u = 0; u < kPoints; ++u)
      plane_.place(Canvas::across(u * kGrid), Canvas::up(v * kGrid), places.row(v * kPoints + u).data());
  Samples asked;
  asked.columns = rows_.columns;
  if (by_columns_)
    asked.X = Columns(places);
  else
    asked.X = std::move(places);
  const Vector said = base.predict(asked, ctx);
  for (int y = 0; y < Canvas::kSize; ++y)
    for (int x = 0; x < Canvas::kSize; ++x)
      canvas.pixel(x, y, tint(cluster_color(static_cast<int>(said[y / kGrid * kPoints + x / kGrid])), 0.18));
}

void WeightPictures::draw(const DrawnRound& round, const Context& ctx) const {
  if (!is_drawn(round.t)) return;
  const Matrix& X = rows_.rows();
  const Index n = X.rows();
  Canvas canvas;
  const bool shaded = plane_.whole() && X.cols() == 2;
  if (shaded) shade(canvas, round.base, ctx);
  std::vector<Index> order;
  for (Index i = 0; i < n; i += 1 + n / kDrawn) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](Index i, Index j) { return round.w[i] > round.w[j]; });
  size_t wrong = 0;
  for (const Index i : order) {  // the heavy ones first, so that none hides behind them
    const double mean = round.w[i] * static_cast<double>(n);
    const double radius = std::clamp(kMeanRadius * std::sqrt(mean), kLeastRadius, kGreatestRadius);
    const double x = plane_.x(X.row(i).data()), y = plane_.y(X.row(i).data());
    const int k = target_->code[static_cast<size_t>(i)];
    canvas.disc(x, y, radius, cluster_color(k));
    if (round.said[static_cast<size_t>(i)] == k) continue;
    ++wrong;
    for (const double r : {radius + 1.6, radius + 2.6}) canvas.ring(x, y, r, kBlack);
  }
  ctx.trace.image([&] {
    return TraceImage{"weights",
                      "Round " + std::to_string(round.t + 1) + ": the weighted rows and what the base says",
                      std::string(shaded ? "The ground has the colour of the base's answer. " : "") +
                          "A dot's area is the row's weight, its colour the row's class; ringed: the base is wrong, "
                          "and the dot grows in the next round. " +
                          plane_.text(rows_.columns),
                      canvas.view(),
                      false,
                      {{"e_t", round.e, "weight of the ringed rows"},
                       {"a_t", round.a, "stage weight"},
                       {"wrong", static_cast<long long>(wrong), "ringed rows"}},
                      "ml/ensemble/adaboost.cpp:classes_round"};
  });
}

}  // namespace assay::ensemble
