// assay image and assay features, called as the program calls them.
#include <filesystem>
#include <sstream>

#include "assay/core/input.h"
#include "assay/core/output.h"
#include "assay/imgproc/color/gray.h"
#include "assay/imgproc/edge/canny.h"
#include "assay/imgproc/edge/sobel.h"
#include "assay/imgproc/filter/gaussian.h"
#include "assay/imgproc/geometry/flip.h"
#include "assay/imgproc/geometry/resize.h"
#include "assay/imgproc/geometry/warp.h"
#include "assay/imgproc/io/image_file.h"
#include "cli/verb.h"
#include "tests/support/catch.h"
#include "tests/support/command.h"
#include "tests/support/golden.h"
#include "tests/support/images.h"
#include "tests/support/scratch.h"

using namespace assay;
using test::assay_run;
using test::Outcome;

namespace {

std::string camera() { return test::dataset_path("pictures/camera.png"); }

}  // namespace

TEST_CASE("image: a chain gives what its operators give one after another") {
  test::Scratch folder;
  const std::string out = folder / "edges.png";
  const Outcome done = assay_run(
      {"image", "gray,gaussian:sigma=1.4,canny:low=50:high=150", test::dataset_path("pictures/coffee.png"), out});
  CAPTURE(done.err);
  REQUIRE(done.code == 0);
  CHECK(done.out.empty());
  CHECK(done.err.find("edges.png: 600 x 400, u8, 1 channel") != std::string::npos);
  GaussianParams g;
  g.sigma = 1.4;
  const cv::Mat expected = canny(gaussian(gray(read_image(test::dataset_path("pictures/coffee.png"))), g));
  CHECK(test::same_pixels(read_image(out), expected));
  CHECK(folder.names() == std::vector<std::string>{"edges.png"});
}

TEST_CASE("image: a single operator takes its parameters as options, over those of its inline form") {
  test::Scratch folder;
  REQUIRE(
      assay_run({"image", "canny:low=10:norm=l1", camera(), folder / "a.png", "--low", "40", "--high", "90"}).code ==
      0);
  CannyParams p;
  p.low = 40, p.high = 90, p.norm = EdgeNorm::l1;
  CHECK(test::same_pixels(read_image(folder / "a.png"), canny(read_image(camera()), p)));
  const Outcome chain = assay_run({"image", "gray,canny", camera(), folder / "b.png", "--low", "40"});
  CHECK(chain.code == 2);
  CHECK(chain.err.find("--low") != std::string::npos);
}

TEST_CASE(
    "image: many pictures and folders go to a folder, made if need be; a clash of names is found before any work") {
  test::Scratch folder;
  std::filesystem::create_directory(folder / "in");
  std::filesystem::create_directory(folder / "in2");
  write_image(folder / "in/a.png", test::scene(20, 30));
  write_image(folder / "in/b.pgm", test::scene(10, 12));
  write_file(folder / "in/notes.txt", "no picture");
  write_image(folder / "in2/a.png", test::scene(9, 9));
  const Outcome done =
      assay_run({"image", "sobel", folder / "in/", camera(), "--out", folder / "new/out/", "--as", "pfm"});
  CAPTURE(done.err);
  REQUIRE(done.code == 0);
  CHECK(test::same_pixels(read_image(folder / "new/out/b.pfm"), sobel(test::scene(10, 12))));
  CHECK(std::filesystem::exists(folder / "new/out/a.pfm"));
  CHECK(std::filesystem::exists(folder / "new/out/camera.pfm"));
  const Outcome clash =
      assay_run({"image", "gaussian", folder / "in/", folder / "in2/a.png", "--out", folder / "other/"});
  CHECK(clash.code == 2);
  CHECK(clash.err.find("would both be written") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "other"));
  CHECK(assay_run({"image", "gaussian", camera(), folder / "in/a.png", folder / "x.png"}).code == 2);
}

TEST_CASE("image: floats in an 8-bit file are scaled, and the output says by what") {
  test::Scratch folder;
  const Outcome done = assay_run({"image", "sobel:direction=x", camera(), folder / "x.png", "--json"});
  REQUIRE(done.code == 0);
  CHECK(done.err.empty());
  const auto json = nlohmann::json::parse(done.out);
  SobelParams p;
  p.direction = Direction::x;
  double low = 0, high = 0;
  const cv::Mat exact = sobel(read_image(camera()), p);
  cv::minMaxLoc(exact, &low, &high);
  const auto& picture = json.at("pictures").at(0);
  CHECK(picture.at("range").at(0) == low);
  CHECK(picture.at("range").at(1) == high);
  CHECK(picture.at("depth") == "f32");
  const cv::Mat written = read_image(folder / "x.png");
  CHECK(written.at<uint8_t>(100, 100) ==
        cv::saturate_cast<uint8_t>((static_cast<double>(exact.at<float>(100, 100)) - low) * 255 / (high - low)));
  const Outcome talk = assay_run({"image", "sobel:direction=x", camera(), folder / "x.jpg"});
  CHECK(talk.err.find("written in 8 bits: black is -") != std::string::npos);
}

TEST_CASE(
    "image: --json holds the timing, the operators with all parameters, and is equal in two runs but for the run "
    "keys") {
  test::Scratch folder;
  const auto once = [&] {
    const Outcome done =
        assay_run({"image", "gaussian:sigma=2", camera(), folder / "x.png", "--repeat", "3", "--json"});
    REQUIRE(done.code == 0);
    return nlohmann::json::parse(done.out);
  };
  auto a = once(), b = once();
  CHECK(a.at("operators").at(0).at("params").at("sigma") == 2.0);
  for (const char* key : {"read_ms", "op_ms", "op_ms_min", "write_ms"})
    CHECK(a.at("run").at("timing").at(key).get<double>() >= 0);
  CHECK(a.at("run").at("timing").at("op_ms") >= a.at("run").at("timing").at("op_ms_min"));
  for (auto* j : {&a, &b}) {
    j->erase("run");
    for (auto& picture : j->at("pictures")) picture.erase("run");
  }
  CHECK(a == b);
}

TEST_CASE("image: --roi and --mask change only what they cover, and give the rectangle alone where the type changes") {
  test::Scratch folder;
  const cv::Mat image = test::scene(40, 60), blurred = gaussian(image(cv::Rect(10, 5, 30, 20)));
  write_image(folder / "in.png", image);
  cv::Mat mask(40, 60, CV_8U, cv::Scalar(0));
  mask(cv::Rect(15, 8, 9, 40 - 8)).setTo(200);
  write_image(folder / "mask.png", mask);
  const auto result = [&](std::vector<std::string> more) {
    std::vector<std::string> args{"image", "gaussian", folder / "in.png", folder / "out.png"};
    args.insert(args.end(), more.begin(), more.end());
    const Outcome done = assay_run(args);
    CAPTURE(done.err);
    REQUIRE(done.code == 0);
    return read_image(folder / "out.png");
  };
  cv::Mat expected = image.clone();
  blurred.copyTo(expected(cv::Rect(10, 5, 30, 20)));
  CHECK(test::same_pixels(result({"--roi", "10,5,30,20"}), expected));
  expected = image.clone();
  gaussian(image).copyTo(expected, mask);
  CHECK(test::same_pixels(result({"--mask", folder / "mask.png"}), expected));
  expected = image.clone();
  cv::Mat part = expected(cv::Rect(10, 5, 30, 20));
  blurred.copyTo(part, mask(cv::Rect(10, 5, 30, 20)));
  CHECK(test::same_pixels(result({"--roi", "10,5,30,20", "--mask", folder / "mask.png"}), expected));

  const Outcome alone = assay_run({"image", "sobel", folder / "in.png", folder / "s.pfm", "--roi", "10,5,30,20"});
  CHECK(alone.err.find("the rectangle alone") != std::string::npos);
  CHECK(test::same_pixels(read_image(folder / "s.pfm"), sobel(image(cv::Rect(10, 5, 30, 20)))));
  const auto fails = [&](int code, const std::string& text, std::vector<std::string> more) {
    std::vector<std::string> args{"image", "sobel", folder / "in.png", folder / "no.pfm"};
    args.insert(args.end(), more.begin(), more.end());
    const Outcome done = assay_run(args);
    CAPTURE(done.err);
    CHECK(done.code == code);
    CHECK(done.err.find(text) != std::string::npos);
  };
  fails(3, "beyond the picture", {"--roi", "50,5,30,20"});
  fails(3, "beyond the picture", {"--roi", "2147483647,0,2147483647,1"});
  for (const char* roi : {"1,2,3", "1,2,3,4,5", "a", "-1,0,5,5", "0,0,0,5", "1,2,3,4x"})
    fails(2, "--roi", {"--roi", roi});
  fails(3, "--mask", {"--mask", folder / "mask.png"});
  CHECK(assay_run({"image", "gaussian", folder / "in.png", folder / "x.png", "--mask", camera()})
            .err.find("the mask is") != std::string::npos);
}

TEST_CASE(
    "image: geometry with --roi and --mask: what keeps its size is put back, another size is the rectangle alone") {
  test::Scratch folder;
  const cv::Mat image = test::scene(40, 60), seen = image(cv::Rect(7, 5, 31, 20));
  write_image(folder / "in.png", image);
  cv::Mat mask(20, 31, CV_8U, cv::Scalar(0));
  mask(cv::Rect(3, 2, 11, 9)).setTo(255);
  write_image(folder / "mask.png", mask);
  const auto run = [&](const std::string& chain, std::vector<std::string> more = {}) {
    std::vector<std::string> args{"image", chain, folder / "in.png", folder / "out.png", "--roi", "7,5,31,20"};
    args.insert(args.end(), more.begin(), more.end());
    const Outcome done = assay_run(args);
    CAPTURE(done.err);
    REQUIRE(done.code == 0);
    return std::pair{read_image(folder / "out.png"), done.err};
  };
  cv::Mat expected = image.clone();
  flip(seen).copyTo(expected(cv::Rect(7, 5, 31, 20)));
  CHECK(test::same_pixels(run("flip").first, expected));

  RotateParams half;
  half.angle = 180;
  expected = image.clone();
  rotate(seen, half).copyTo(expected(cv::Rect(7, 5, 31, 20)));
  CHECK(test::same_pixels(run("rotate:angle=180").first, expected));
  expected = image.clone();
  rotate(seen, half).copyTo(expected(cv::Rect(7, 5, 31, 20)), mask);
  CHECK(test::same_pixels(run("rotate:angle=180", {"--mask", folder / "mask.png"}).first, expected));

  ResizeParams twice;
  twice.factor = 2;
  const auto [resized_alone, said] = run("resize:factor=2");
  CHECK(test::same_pixels(resized_alone, resize(seen, twice)));
  CHECK(said.find("the rectangle alone") != std::string::npos);
  const Outcome masked = assay_run({"image", "resize:factor=2", folder / "in.png", folder / "no.png", "--roi",
                                    "7,5,31,20", "--mask", folder / "mask.png"});
  CHECK(masked.code == 3);
  CHECK(masked.err.find("another size") != std::string::npos);
  CHECK(!std::filesystem::exists(folder / "no.png"));
}

TEST_CASE("image: '-' writes PNG to standard output and nothing else") {
  const Outcome done = assay_run({"image", "gaussian", camera(), "-"});
  REQUIRE(done.code == 0);
  CHECK(test::same_pixels(decode_image(done.out, "stdout"), gaussian(read_image(camera()))));
  CHECK(assay_run({"image", "gaussian", camera(), "-", "--json"}).code == 2);
}

TEST_CASE("image: mistakes end with their exit code and one line that says what to do, and leave nothing behind") {
  test::Scratch folder;
  const std::string out = folder / "x.png";
  const auto fails = [&](int code, const std::string& text, std::vector<std::string> args) {
    const Outcome done = assay_run(std::move(args));
    CAPTURE(text, done.err);
    CHECK(done.code == code);
    CHECK(done.err.find(text) != std::string::npos);
    CHECK(done.out.empty());
  };
  fails(2, "did you mean 'canny'", {"image", "cany", camera(), out});
  fails(2, "'low'", {"image", "canny:low=-1", camera(), out});
  fails(2, "must not exceed", {"image", "canny:low=9:high=8", camera(), out});
  fails(2, "has no parameter \"sigma\"", {"image", "canny:sigma=3", camera(), out});
  fails(2, "no output", {"image", "canny", camera()});
  fails(2, "arguments swapped", {"image", camera(), "canny", out});
  fails(2, "picture format", {"image", "canny", camera(), folder / "x.tiff"});
  fails(2, "", {"image"});
  fails(3, "coffee.png: canny takes pictures of 1 channel, this one has 3",
        {"image", "canny", test::dataset_path("pictures/coffee.png"), out});
  fails(3, "no/such.png", {"image", "canny", folder / "no/such.png", out});
  fails(3, "budget", {"image", "canny", camera(), out, "--pixels", "1000"});
  fails(7, "/dev/full", {"image", "canny", camera(), "/dev/full"});
  fails(7, "missing", {"image", "canny", camera(), folder / "missing/x.png"});
  CHECK(folder.names().empty());
}

TEST_CASE("image: a PNG and a JPEG cut in half are data errors, and the old output stays whole") {
  test::Scratch folder;
  const std::string old = folder / "out.png";
  write_image(old, test::scene(8, 8));
  for (const char* name : {"pictures/camera.png", "chessboards/left01.jpg"}) {
    const Input whole = Input::open(test::dataset_path(name));
    const std::string cut = folder / (std::string("cut") + (name[0] == 'p' ? ".png" : ".jpg"));
    write_file(cut, whole.bytes().substr(0, whole.bytes().size() / 2));
    const Outcome done = assay_run({"image", "gaussian", cut, old});
    CHECK(done.code == 3);
    CHECK(done.err.find(cut) != std::string::npos);
    CHECK(std::count(done.err.begin(), done.err.end(), '\n') <= 2);
  }
  CHECK(test::same_pixels(read_image(old), test::scene(8, 8)));
  CHECK(folder.names() == std::vector<std::string>{"cut.jpg", "cut.png", "out.png"});
}

TEST_CASE("image: threads 1 and 2 write the same bytes", "[parallel]") {
  test::Scratch folder;
  for (const char* threads : {"1", "2"})
    REQUIRE(assay_run({"image", "gaussian:sigma=2,canny", camera(), folder / (std::string(threads) + ".png"),
                       "--threads", threads})
                .code == 0);
  CHECK(test::same_pixels(read_image(folder / "1.png"), read_image(folder / "2.png")));
}

TEST_CASE("features: harris gives CSV on standard output or in a file, a drawing, and a count") {
  test::Scratch folder;
  const std::string board = test::dataset_path("chessboards/left01.jpg");
  const Outcome table = assay_run({"features", "harris", board, "--max-features", "30"});
  CAPTURE(table.err);
  REQUIRE(table.code == 0);
  CHECK(table.out.substr(0, 13) == "x,y,response\n");
  CHECK(std::count(table.out.begin(), table.out.end(), '\n') == 31);
  const Outcome json = assay_run({"features", "harris", board, "--max-features", "30", "--out", folder / "t.csv",
                                  "--draw", folder / "d.png", "--json", "--repeat", "2"});
  REQUIRE(json.code == 0);
  const auto result = nlohmann::json::parse(json.out);
  CHECK(result.at("count") == 30);
  CHECK(result.at("run").at("timing").at("op_ms").get<double>() > 0);
  CHECK(read_image(folder / "d.png").type() == CV_8UC3);
  const Input file = Input::open(folder / "t.csv");
  CHECK(file.bytes() == table.out);
  REQUIRE(assay_run({"features", "harris", board, "--max-features", "30", "--out", folder / "t.npy"}).code == 0);
  CHECK(Input::open(folder / "t.npy").bytes().size() == 128 + 30 * 3 * 8);
}

TEST_CASE("features: the key points of a folder go to a file a picture, sub-folders are classes") {
  test::Scratch folder;
  const auto put = [&](const std::string& name) {
    make_folder(std::filesystem::path(folder / name).parent_path().string());
    write_image(folder / name, test::scene(60, 70));
  };
  put("in/b.png");
  put("in/a.png");
  const Outcome flat =
      assay_run({"features", "harris", folder / "in", "--out", folder / "out/", "--draw", folder / "drawn/", "--json"});
  CAPTURE(flat.err);
  REQUIRE(flat.code == 0);
  const auto result = nlohmann::json::parse(flat.out);
  REQUIRE(result.at("pictures").size() == 2);
  CHECK(result.at("pictures")[0].at("out") == folder / "out/a.png.csv");
  CHECK(result.at("count") == result.at("pictures")[0].at("count").get<int>() * 2);
  CHECK_FALSE(result.contains("classes"));
  CHECK(Input::open(folder / "out/b.png.csv").bytes() == assay_run({"features", "harris", folder / "in/b.png"}).out);
  CHECK(read_image(folder / "drawn/a.png.png").cols == 70);
  put("sorted/dog/1.png");
  put("sorted/cat/1.png");
  const Outcome classes =
      assay_run({"features", "harris", folder / "sorted", "--out", folder / "kinds/", "--as", "npy", "--json"});
  REQUIRE(classes.code == 0);
  CHECK(nlohmann::json::parse(classes.out).at("classes") == nlohmann::json({"cat", "dog"}));
  CHECK(Input::open(folder / "kinds/cat/1.png.npy").bytes().size() > 128);

  const Outcome single = assay_run({"features", "harris", folder / "in", "--out", folder / "all.csv"});
  CHECK(single.code == 2);
  CHECK(single.err.find("--out must name a folder") != std::string::npos);
  CHECK(assay_run({"features", "harris", folder / "out"}).code == 3);  // no pictures in it
  put("sorted/1.png");
  CHECK(assay_run({"features", "harris", folder / "sorted", "--out", folder / "kinds/"}).code == 3);
}

TEST_CASE("features: a colour picture is made grey and the output says so; mistakes have their exit codes") {
  const Outcome colour =
      assay_run({"features", "harris", test::dataset_path("pictures/coffee.png"), "--max-features", "5"});
  CHECK(colour.code == 0);
  CHECK(colour.err.find("gray goes before harris") != std::string::npos);
  CHECK(assay_run({"features", "haris", camera()}).err.find("did you mean 'harris'") != std::string::npos);
  CHECK(assay_run({"features", "harris", camera(), "--k", "3"}).code == 2);
  CHECK(assay_run({"features", "harris"}).code == 2);
  CHECK(assay_run({"features", camera(), "harris"}).err.find("arguments swapped") != std::string::npos);
  CHECK(assay_run({"features", "harris", "/no/such.png"}).code == 3);
  CHECK(assay_run({"features", "harris", camera(), "--out", "/dev/full"}).code == 7);
}

TEST_CASE("image: what is wrong with another file than the picture is said of that file") {
  const test::Scratch folder;
  write_file(folder / "kernel.txt", "1 2\n3 word\n");
  const Outcome o = assay_run({"image", "convolve:kernel=" + (folder / "kernel.txt"), camera(), folder / "out.png"});
  CHECK(o.code == 3);
  CHECK(o.err.find("kernel.txt:2:3: \"word\" is not a number") != std::string::npos);
  CHECK(o.err.find("camera") == std::string::npos);
  CHECK(!std::filesystem::exists(folder / "out.png"));
}

TEST_CASE("image: OUT.csv is the table of the last operator, --draw the picture beside it") {
  const test::Scratch folder;
  const std::string coins = test::dataset_path("pictures/coins.png"), table = folder / "t.csv",
                    picture = folder / "p.png";
  REQUIRE(assay_run({"image", "otsu,contours", coins, picture, "--json"}).code == 0);
  const cv::Mat expected = read_image(picture);
  REQUIRE(assay_run({"image", "otsu,contours:table=" + (folder / "u.csv"), coins, folder / "q.png"}).code == 0);
  REQUIRE(assay_run({"image", "otsu,contours", coins, table, "--draw", folder / "r.png"}).code == 0);
  CHECK(test::read_text(table) == test::read_text(folder / "u.csv"));
  CHECK(test::same_pixels(read_image(folder / "r.png"), expected));
  REQUIRE(assay_run({"image", "histogram", coins, folder / "h.csv"}).code == 0);
  CHECK(test::read_text(folder / "h.csv").substr(0, 11) == "from,count\n");
  CHECK_FALSE(std::filesystem::exists(folder / "h.png"));
  const Outcome none = assay_run({"image", "gaussian", coins, folder / "g.csv"});
  CHECK(none.code == 2);
  CHECK(none.err.find("gaussian has no table") != std::string::npos);
  CHECK(assay_run({"image", "otsu", coins, picture, "--draw", folder / "r.png"}).code == 2);
  CHECK(assay_run({"image", "otsu,contours:table=" + (folder / "u.csv"), coins, table}).code == 2);
}
