#!/usr/bin/python3
"""Remakes everything under datasets/ from Debian packages, so that anybody can check where it comes from.

    apt-get install python3-sklearn python3-skimage opencv-doc r-base-core r-cran-cardata r-cran-palmerpenguins
    ./make_datasets.py            # remake the files here and write SHA256SUMS
    ./make_datasets.py --check    # remake them in a scratch folder and compare with SHA256SUMS

Tables: the target is the last column, a number stands in the shortest decimal form that reads back to the same
double, a missing cell is empty, lines end with LF. Pictures and chessboards are byte-for-byte copies.
"""

import csv
import hashlib
import io
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent

SKIMAGE = {  # our name: scikit-image's file
    "astronaut.png": "astronaut.png",
    "brick.png": "brick.png",
    "camera.png": "camera.png",
    "cell.png": "cell.png",
    "chelsea.png": "chelsea.png",
    "clock.png": "clock_motion.png",
    "coffee.png": "coffee.png",
    "coins.png": "coins.png",
    "grass.png": "grass.png",
    "gravel.png": "gravel.png",
    "rocket.jpg": "rocket.jpg",
    "text.png": "text.png",
}
OPENCV_DATA = pathlib.Path("/usr/share/doc/opencv-doc/examples/data")
CHESSBOARDS = [n for n in range(1, 15) if n != 10]  # the series has no left10.jpg


def number(x):
    """The shortest decimal text that reads back to the same double; whole numbers without a point."""
    x = float(x)
    text = repr(int(x)) if x == int(x) and abs(x) < 1e15 else repr(x)
    assert float(text) == x
    return text


def write_table(path, header, rows):
    with open(path, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def write_sklearn(path, bunch, features, target, class_names):
    def label(t):
        return number(t) if class_names is None else class_names[int(t)]

    rows = ([number(v) for v in x] + [label(t)] for x, t in zip(bunch.data, bunch.target))
    write_table(path, list(features) + [target], rows)


def write_sklearn_tables(folder):
    from sklearn import datasets

    bunch = datasets.load_iris()
    names = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    write_sklearn(folder / "iris.csv", bunch, names, "species", list(bunch.target_names))

    bunch = datasets.load_wine()
    names = [n.replace("od280/od315_of_diluted_wines", "od280_od315") for n in bunch.feature_names]
    write_sklearn(folder / "wine.csv", bunch, names, "cultivar", ["1", "2", "3"])

    bunch = datasets.load_breast_cancer()
    names = [n.replace(" ", "_") for n in bunch.feature_names]
    write_sklearn(folder / "breast_cancer.csv", bunch, names, "diagnosis", list(bunch.target_names))

    bunch = datasets.load_digits()
    names = [f"p{i}" for i in range(64)]
    write_sklearn(folder / "digits.csv", bunch, names, "digit", None)

    bunch = datasets.load_diabetes(scaled=False)
    write_sklearn(folder / "diabetes.csv", bunch, bunch.feature_names, "progression", None)


def r_table(package, name):
    """An R data frame as rows of text. write.csv writes 15 digits; stopifnot shows that this loses nothing."""
    script = (
        f"d <- as.data.frame({package}::{name});"
        "for (c in d) if (is.numeric(c)) stopifnot(identical(as.numeric(format(c[!is.na(c)], digits = 15)), as.numeric(c[!is.na(c)])));"
        'write.csv(d, stdout(), row.names = FALSE, na = "", quote = FALSE)'
    )
    run = subprocess.run(["Rscript", "--vanilla", "-e", script], check=True, capture_output=True, text=True)
    return list(csv.DictReader(io.StringIO(run.stdout)))


def write_r_table(path, rows, columns, numeric):
    """columns: our name -> R's name, in our order."""

    def cell(row, name):
        text = row[columns[name]]
        return number(text) if name in numeric and text != "" else text

    write_table(path, list(columns), ([cell(row, name) for name in columns] for row in rows))


def write_r_tables(folder):
    columns = {"passenger_class": "passengerClass", "sex": "sex", "age": "age", "survived": "survived"}
    write_r_table(folder / "titanic.csv", r_table("carData", "TitanicSurvival"), columns, {"age"})

    numeric = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "year"]
    order = ["island"] + numeric[:4] + ["sex", "year", "species"]
    write_r_table(folder / "penguins.csv", r_table("palmerpenguins", "penguins"), {n: n for n in order}, set(numeric))


def copy_pictures(root):
    import skimage

    source = pathlib.Path(skimage.__file__).parent / "data"
    for ours, theirs in SKIMAGE.items():
        shutil.copyfile(source / theirs, root / "pictures" / ours)
    for n in CHESSBOARDS:
        shutil.copyfile(OPENCV_DATA / f"left{n:02}.jpg", root / "chessboards" / f"left{n:02}.jpg")


def make(root):
    for folder in ("tables", "pictures", "chessboards"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    write_sklearn_tables(root / "tables")
    write_r_tables(root / "tables")
    copy_pictures(root)


def sums(root):
    files = sorted(p for f in ("tables", "pictures", "chessboards") for p in (root / f).iterdir())
    return "".join(f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.relative_to(root)}\n" for p in files)


def main():
    if sys.argv[1:] == ["--check"]:
        with tempfile.TemporaryDirectory() as scratch:
            make(pathlib.Path(scratch))
            same = sums(pathlib.Path(scratch)) == (HERE / "SHA256SUMS").read_text()
        print("the same files" if same else "different files: compare a remade folder with SHA256SUMS")
        return 0 if same else 1
    make(HERE)
    (HERE / "SHA256SUMS").write_text(sums(HERE))
    return 0


if __name__ == "__main__":
    sys.exit(main())
