#include <cmath>
#include <random>

#include "cli/report/figures/axis.h"
#include "cli/report/figures/bars.h"
#include "cli/report/figures/curves.h"
#include "cli/report/figures/groups.h"
#include "cli/report/figures/raster.h"
#include "cli/report/figures/scatter.h"
#include "cli/report/figures/strip.h"
#include "cli/report/svg/svg_file.h"
#include "tests/cli/report/page_check.h"
#include "tests/support/catch.h"

using namespace assay::report;
using assay::test::count_of;
using Texts = std::vector<std::string>;

TEST_CASE("ticks: round numbers inside the range, about as many as asked for, for any range") {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> exponent(-12, 12), share(0, 1);
  for (int trial = 0; trial < 2000; ++trial) {
    const double width = std::pow(10, exponent(random)), lo = (share(random) - 0.5) * width * 20, hi = lo + width;
    const auto ticks = nice_ticks(lo, hi, 5);
    REQUIRE(ticks.size() >= 2);
    REQUIRE(ticks.size() <= 11);
    const double step = ticks[1] - ticks[0], power = std::pow(10, std::floor(std::log10(step) + 1e-6)),
                 lead = step / power;
    CHECK((std::abs(lead - 1) < 1e-6 || std::abs(lead - 2) < 1e-6 || std::abs(lead - 5) < 1e-6));
    CHECK(ticks.front() >= lo - 1e-8 * width);
    CHECK(ticks.back() <= hi + 1e-8 * width);
  }
  CHECK(nice_ticks(3, 3, 5).size() == 1);
}

TEST_CASE("ticks: labels have the decimals that tell them apart") {
  CHECK(tick_labels({0.75, 0.8, 0.85}) == Texts{"0.75", "0.80", "0.85"});
  CHECK(tick_labels({0, 1, 2}) == Texts{"0", "1", "2"});
  CHECK(tick_labels({-0.5, 0, 0.5}) == Texts{"-0.5", "0.0", "0.5"});
  CHECK(tick_labels({0, 20000, 40000}) == Texts{"0", "20k", "40k"});
  CHECK(tick_labels({0, 2e6, 4e6}) == Texts{"0", "2M", "4M"});
  CHECK(tick_labels({1e-9, 1e-6, 1e-3}) == Texts{"1e-9", "1e-6", "1e-3"});
  CHECK(tick_labels({1, 10, 100}) == Texts{"1", "10", "100"});
}

TEST_CASE("numbers: three digits, short where they stand alone, even where they stand in a row") {
  CHECK(brief(0.82) == "0.82");
  CHECK(three_digits(0.82) == "0.820");
  CHECK(brief(0.123456) == "0.123");
  CHECK(brief(123.456) == "123");
  CHECK(brief(0) == "0");
  CHECK(brief(NAN) == "\u2013");
  CHECK(brief(1e-7) == "1e-07");
  CHECK(brief(25000) == "25\u202F000");
  CHECK(brief(100) == "100");
  CHECK(spread_text(0.795, 0.01634) == "0.016");
  CHECK(spread_text(54.5, 2.371) == "2.4");
  CHECK(count_text(1309) == "1309");
  CHECK(count_text(-1234567) == "-1\u202F234\u202F567");
  CHECK(duration(0.00001) == "< 0.1 ms");
  CHECK(duration(0.0042) == "4.2 ms");
  CHECK(duration(0.141) == "141 ms");
  CHECK(duration(59.6) == "60 s");
  CHECK(duration(125) == "2 min 5 s");
}

TEST_CASE("axis: both ends of the range land on both ends of the pixels, on either scale") {
  const Axis linear{2, 6, false, 100, 300};
  CHECK(linear(2) == Approx(100));
  CHECK(linear(4) == Approx(200));
  const Axis decades{0.01, 100, true, 0, 400};
  CHECK(decades(1) == Approx(200));
  CHECK(decades(10) == Approx(300));
  const Axis same = axis_over({5, 5, 5});
  CHECK(same.lo < 5);
  CHECK(same.hi > 5);
  const Axis none = axis_over({NAN, INFINITY});
  CHECK(none.hi > none.lo);
}

namespace {

std::vector<StripRow> three_rows(double dummy) {
  return {{"a", {0.90, 0.92, 0.94}, 0.92, false, true},
          {"b", {0.88, 0.90, 0.92}, 0.90, false, true},
          {"dummy", {dummy, dummy, dummy}, dummy, true, false}};
}

}  // namespace

TEST_CASE("strip: a dummy near the learners is a line, one far away is an arrow and leaves them their width") {
  const StripScale near = strip_scale(three_rows(0.85), "accuracy", true, 0.03);
  CHECK_FALSE(near.dummy_is_outside);
  CHECK(near.axis.lo < 0.85);
  const StripScale far = strip_scale(three_rows(0.33), "accuracy", true, 0.03);
  CHECK(far.dummy_is_outside);
  CHECK(far.axis.lo > 0.8);
  CHECK(strip_row(far, three_rows(0.33)[2]).html().find("off this scale") != std::string::npos);
  CHECK(strip_row(near, three_rows(0.85)[2]).html().find("dummy-line") != std::string::npos);
}

TEST_CASE("strip: the band reaches from the best mean by the detectable difference towards worse") {
  const StripScale higher = strip_scale(three_rows(0.85), "accuracy", true, 0.03);
  REQUIRE(higher.band);
  CHECK(higher.band->x == Approx(0.89));
  CHECK(higher.band->y == Approx(0.92));
  const StripScale lower = strip_scale(three_rows(0.99), "rmse", false, 0.03);
  REQUIRE(lower.band);
  CHECK(lower.band->x == Approx(0.90));
  CHECK(lower.band->y == Approx(0.93));
  CHECK_FALSE(strip_scale(three_rows(0.85), "accuracy", true, std::nullopt).band);
}

TEST_CASE("strip: a row has a dot for each fold and one mean") {
  const auto rows = three_rows(0.85);
  const std::string svg = strip_row(strip_scale(rows, "accuracy", true, 0.03), rows[0]).html();
  CHECK(count_of(svg, "<circle") == 3);
  CHECK(count_of(svg, "class=\"mean\"") == 1);
  CHECK(svg.find("fold 2: 0.92") != std::string::npos);
}

TEST_CASE("strip: no learner but the dummy, one fold, and folds without a value still make a picture") {
  const std::vector<StripRow> only{{"dummy", {0.5}, 0.5, true, false}};
  CHECK_FALSE(strip_row(strip_scale(only, "accuracy", true, std::nullopt), only[0]).empty());
  const std::vector<StripRow> broken{{"a", {NAN, 0.5}, 0.5, false, true}};
  CHECK(count_of(strip_row(strip_scale(broken, "accuracy", true, NAN), broken[0]).html(), "<circle") == 1);
}

TEST_CASE("curves: a long staircase is thinned, its ends stay, and it is nowhere far from the original") {
  std::vector<Point> stairs;
  for (int i = 0; i <= 100000; ++i) stairs.push_back({i * 0.003 * (i % 2 ? 1.0 : 1.0), 300 - (i / 2) * 0.006});
  const auto thin = sparser(stairs);
  CHECK(thin.size() < 500);
  CHECK(thin.front().x == stairs.front().x);
  CHECK(thin.back().y == stairs.back().y);
  const std::vector<Point> corner{{0, 300}, {0, 200}, {0, 0}, {150, 0}, {300, 0}};
  CHECK(sparser(corner).size() == 3);  // straight pieces need no middle
}

TEST_CASE("curves: the figures hold together and say their number") {
  const NamedLine curve{"knn", {{0, 0}, {0.2, 0.7}, {1, 1}}};
  const std::string roc = roc_figure(curve, {{"tree", {{0, 0}, {1, 1}}}}, 0.8, "survived = yes").html();
  CHECK(roc.find("Area under the curve 0.8 with &quot;survived = yes&quot;") != std::string::npos);
  CHECK(count_of(roc, "curve-context") == 1);
  const std::vector<assay::CalibrationBin> bins{{0, 0.1, 0.05, 0.2, 0.1, 0.3, 20}, {0.9, 1, 0.95, 0.9, 0.8, 1, 40}};
  const std::string calibration = calibration_figure(bins, "x").html();
  CHECK(count_of(calibration, "<circle") == 2);
  CHECK(calibration.find("the largest gap is 0.15") != std::string::npos);
  for (const std::string& svg : {roc, calibration}) CHECK(assay::test::page_problems(svg).empty());
}

TEST_CASE("line chart: zero and negative values leave a gap on a logarithmic axis") {
  const NamedLine curve{"gap", {{1, 100}, {2, 1}, {3, 0}, {4, 0.01}}, "curve"};
  const std::string svg = line_chart({curve}, {1, 4}, "step", "gap", true, {"t", "d"}).html();
  CHECK(count_of(svg, "M") == 2 + 4 - 1);  // two pieces of the line, three dots
  CHECK(line_chart_x({1, 4}, 1) < line_chart_x({1, 4}, 4));
  CHECK(svg.find("nan") == std::string::npos);
}

TEST_CASE("histogram: counts every finite value once; whole numbers get a bin each") {
  const Histogram h = histogram({0, 1, 1, 2, NAN, INFINITY, 5}, 24);
  CHECK(h.counts == std::vector<long long>{1, 2, 1, 0, 0, 1});
  CHECK(histogram({7, 7, 7}).counts == std::vector<long long>{3});
  CHECK(histogram({NAN}).counts.empty());
  const Histogram fine = histogram({0, 0.5, 1}, 4);
  CHECK(fine.counts == std::vector<long long>{1, 0, 1, 1});
  CHECK(sparkline(histogram({NAN}), "x").empty());
}

TEST_CASE("bars: a share beyond the cell is cut, a negative one goes left of the middle") {
  CHECK(bar(2).html().find("width=\"100%\" height=\"12\"") != std::string::npos);
  CHECK(bar(-1, true).html().find("x=\"0%\"") != std::string::npos);
  CHECK(bar(NAN).html().find("nan") == std::string::npos);
}

TEST_CASE("scatter: at most kMostDots dots, whatever the table") {
  std::vector<double> y(10000), p(10000);
  for (size_t i = 0; i < y.size(); ++i) y[i] = static_cast<double>(i), p[i] = y[i] + 1;
  CHECK(count_of(predicted_against_actual(y, p, "t").html(), "h0") == kMostDots);
  CHECK(predicted_against_actual(y, p, "t").html().find("Correlation 1.") != std::string::npos);
  CHECK(count_of(residual_figure({1, 2}, {1, 2}, "t").html(), "h0") == 2);
}

TEST_CASE("raster: full scale of each depth is white, and stretching puts zero in the middle where signs differ") {
  const uint8_t bytes[] = {0, 128, 255};
  CHECK(to_raster({bytes, 3, 1, 1, assay::Depth::u8, 3}, false).samples == std::vector<uint8_t>{0, 128, 255});
  const uint16_t words[] = {0, 65535};
  CHECK(to_raster({words, 2, 1, 1, assay::Depth::u16, 4}, false).samples == std::vector<uint8_t>{0, 255});
  const float reals[] = {-1, 0, 2, NAN};
  const Raster signed_range = to_raster({reals, 4, 1, 1, assay::Depth::f32, 16}, true);
  CHECK(signed_range.samples == std::vector<uint8_t>{64, 128, 255, 0});
  CHECK(signed_range.black == -2);
  CHECK(signed_range.white == 2);
  const float flat[] = {3, 3};
  CHECK(to_raster({flat, 2, 1, 1, assay::Depth::f32, 8}, true).samples[0] ==
        to_raster({flat, 2, 1, 1, assay::Depth::f32, 8}, true).samples[1]);
}

TEST_CASE("raster: a view with gaps between its rows is read row by row") {
  const uint8_t bytes[] = {1, 2, 99, 3, 4, 99};
  CHECK(to_raster({bytes, 2, 2, 1, assay::Depth::u8, 3}, false).samples == std::vector<uint8_t>{1, 2, 3, 4});
}

TEST_CASE("svg file: a whole document with its own style, whose text is escaped and which asks for nothing") {
  const std::string file = svg_file(320, 200, {"A <title>", "A & B"}, label(10, 20, "<script>"), ".mine{fill:red}");
  CHECK(file.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  CHECK(file.ends_with("</svg>\n"));
  CHECK(file.find("A &lt;title&gt;") != std::string::npos);
  CHECK(file.find("<script") == std::string::npos);
  CHECK(file.find("prefers-color-scheme:dark") != std::string::npos);
  CHECK(file.find(".mine{fill:red}") != std::string::npos);
  CHECK(count_of(file, "http") == 1);
  const size_t style = file.find("<style>"), end = file.find("</style>");
  CHECK(file.substr(style + 7, end - style - 7).find_first_of("<&") == std::string::npos);
}

namespace {

GroupPicture many_groups(size_t n, int groups) {
  std::mt19937 random(5);
  std::normal_distribution<double> normal;
  GroupPicture p;
  p.title = "a <b>", p.x_name = "x", p.y_name = "y";
  for (int k = 0; k < groups; ++k) p.names.push_back(std::to_string(k)), p.sizes.push_back(0);
  for (size_t i = 0; i < n; ++i) {
    const int k = static_cast<int>(i % static_cast<size_t>(groups + 1)) - 1;
    p.group.push_back(k);
    if (k >= 0) ++p.sizes[static_cast<size_t>(k)];
    p.x.push_back(normal(random) + 4 * (k % 4));
    p.y.push_back(normal(random) + 4 * (k / 4));
  }
  return p;
}

}  // namespace

TEST_CASE("groups: a picture of few rows draws them all, and noise, centres and regions in their classes") {
  GroupPicture p = many_groups(90, 3);
  p.centers = {{0, 0}, {4, 0}, {8, 0}};
  p.regions = {2, 2, {0, 0, 1, -1}};
  std::string left_out;
  const std::string svg = group_picture(p, &left_out);
  CHECK(left_out.empty());
  CHECK(count_of(svg, "h0") == 90);
  CHECK(svg.find("a &lt;b&gt;") != std::string::npos);
  CHECK(svg.find("class=\"gx\"") != std::string::npos);  // noise
  CHECK(count_of(svg, "class=\"center-name\"") == 3);
  CHECK(svg.find("class=\"r0\"") != std::string::npos);
  CHECK(svg.find("class=\"r2\"") == std::string::npos);
}

TEST_CASE("groups: of many rows, one in each place is drawn; the file stays under 400 KB and says so") {
  for (const int groups : {2, 12, 40}) {
    std::string left_out;
    const std::string svg = group_picture(many_groups(50000, groups), &left_out);
    CHECK(svg.size() < 400000);
    CHECK(left_out.find("of 50\u202F000 rows drawn") != std::string::npos);
    CHECK(svg.find("rows drawn") != std::string::npos);
    CHECK(count_of(svg, "h0") > 2000);
  }
}

TEST_CASE("groups: thinning keeps a row of every group in every place, whatever the numbers are") {
  std::vector<Point> pixels(20000, {10, 10});
  std::vector<int> group(20000, 0);
  group[7] = 1, group[9] = -1;
  pixels[11] = {NAN, 1}, pixels[12] = {1e300, -1e300};
  CHECK(thinned_rows(pixels, group) == std::vector<size_t>{0, 7, 9, 12});
}

TEST_CASE("reduction: shares as bars with their sum, arrows with names, longest first") {
  ReductionPicture p;
  p.scores = many_groups(60, 2);
  p.share = {0.7, 0.2, 0.1};
  p.arrows = {{"petal <length>", 2, 0.1}, {"width", 0.2, -1}, {"nothing", 0, 0}};
  const std::string svg = reduction_picture(p);
  CHECK(svg.find("70%") != std::string::npos);
  CHECK(svg.find("petal &lt;length&gt;") != std::string::npos);
  CHECK(svg.find("sum so far") != std::string::npos);
  CHECK(svg.find(">nothing<") == std::string::npos);
  p.share.clear(), p.singular = {5, 2};
  CHECK(reduction_picture(p).find("singular value") != std::string::npos);
  CHECK_FALSE(reduction_picture({}).empty());
}
