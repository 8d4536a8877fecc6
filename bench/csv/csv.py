#!/usr/bin/python3
"""Reading speed of CSV tables: assay beside data.table's fread and pandas' C reader, on the same file in the same run.

    bench/csv/csv.py PROGRAM [--folder DIR] [--repeat 7] [--tables a,b]

PROGRAM is build/release/bench/read_csv. The tables are made in DIR on the first run (200 MB each). The readers take
turns; each figure is the median over the turns of a process that has read the file once before. The ratios are theirs
divided by assay's: the targets are 2 for fread (with as many threads) and 5 for pandas (one thread).
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

MEGABYTES = 200

FREAD = """
suppressMessages(library(data.table)); a <- commandArgs(TRUE); setDTthreads(as.integer(a[2]))
for (i in 1:2) { gc(FALSE); t <- system.time(d <- fread(a[1], showProgress=FALSE))
  s <- t[[1]] + t[[2]]; w <- t[[3]] }
cat(sprintf('{"rows":%d,"sum":%.17g,"wall":[%.4f],"cpu":[%.4f]}', nrow(d), sum(as.numeric(d[[1]])), w, s))
"""
PANDAS = """
import json, sys, time, pandas
for i in range(2):
    w, c = time.perf_counter(), time.process_time()
    d = pandas.read_csv(sys.argv[1], engine="c")
    w, c = time.perf_counter() - w, time.process_time() - c
print(json.dumps({"rows": len(d), "sum": float(d.iloc[:, 0].sum()), "wall": [w], "cpu": [c]}))
"""


def six_digits(rng, n):
    """28 measurements and a label with the six significant digits of most instruments."""
    import numpy as np
    X = rng.normal(size=(n, 28)) * np.exp(rng.normal(size=28) * 2)
    y = (X[:, 0] > 0).astype(int)
    return ["f%d" % j for j in range(28)] + ["label"], lambda i: ",".join("%.6g" % v for v in X[i]) + ",%d" % y[i]


def four_decimals(rng, n):
    """28 measurements with four decimals, five of them whole numbers, and a label."""
    import numpy as np
    X = np.round(rng.normal(size=(n, 28)) * np.exp(rng.normal(size=28) * .5), 4)
    X[:, -5:] = np.round(X[:, -5:] * 2)
    y = (X[:, 0] > 0).astype(int)
    return ["f%d" % j for j in range(28)] + ["label"], lambda i: ",".join(map(repr, X[i].tolist())) + ",%d" % y[i]


def full(rng, n):
    """Ten doubles written with every digit they have."""
    X = rng.normal(size=(n, 10))
    return ["f%d" % j for j in range(10)], lambda i: ",".join(map(repr, X[i].tolist()))


def integers(rng, n):
    """Twenty counts from one to seven digits."""
    X = (10 ** (rng.random(size=(n, 20)) * 7)).astype(int)
    return ["n%d" % j for j in range(20)], lambda i: ",".join(map(str, X[i].tolist()))


def mixed(rng, n):
    """Numbers, words, a quoted column and missing cells."""
    X = rng.normal(size=(n, 6))
    words = ["red", "green", "blue", "a longer word", "x"]
    W = rng.integers(0, 5, size=(n, 3))
    M = rng.random(size=n) < 0.05
    return (["f%d" % j for j in range(6)] + ["w0", "w1", "quoted", "gaps"],
            lambda i: ",".join("%.4f" % v for v in X[i]) + ",%s,%s,\"%s, %s\",%s" % (
                words[W[i, 0]], words[W[i, 1]], words[W[i, 2]], words[W[i, 0]], "" if M[i] else "%.3f" % X[i, 0]))


TABLES = {"six_digits": six_digits, "four_decimals": four_decimals, "full": full, "integers": integers,
          "mixed": mixed}


def make(name, path):
    import numpy as np
    rng = np.random.default_rng(1)
    with open(path + ".tmp", "w") as out:
        first = True
        while out.tell() < MEGABYTES * 1e6:
            header, row = TABLES[name](rng, 20000)
            if first:
                out.write(",".join(header) + "\n")
            first = False
            out.write("".join(row(i) + "\n" for i in range(20000)))
    os.rename(path + ".tmp", path)


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit("%s failed: %s" % (command[0], done.stderr))
    return json.loads(done.stdout)


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("program")
    args.add_argument("--folder", default="build/bench-data")
    args.add_argument("--repeat", type=int, default=7)
    args.add_argument("--tables", default=",".join(TABLES))
    a = args.parse_args()
    os.makedirs(a.folder, exist_ok=True)
    print("%-11s %-10s %7s %9s %9s %8s   %s" % ("table", "reader", "threads", "wall s", "cpu s", "MB/s", "ratio to assay"))
    for name in a.tables.split(","):
        path = os.path.join(a.folder, name + ".csv")
        if not os.path.exists(path):
            make(name, path)
        size = os.path.getsize(path) / 1e6
        readers = {}
        for threads in (1, 2):
            readers["assay", threads] = [a.program, path, str(threads), "2"]
            readers["fread", threads] = ["Rscript", "-e", FREAD, path, str(threads)]
        readers["pandas", 1] = ["/usr/bin/python3", "-c", PANDAS, path]
        wall, cpu, facts = {r: [] for r in readers}, {r: [] for r in readers}, set()
        for turn in range(a.repeat):
            for reader, command in readers.items():
                found = run(command)
                wall[reader].append(found["wall"][-1])
                cpu[reader].append(found["cpu"][-1])
                facts.add((found["rows"], "%.6e" % found["sum"]))
        if len(facts) != 1:
            sys.exit("%s: the readers do not agree: %s" % (name, facts))
        for (reader, threads) in readers:
            w, c = statistics.median(wall[reader, threads]), statistics.median(cpu[reader, threads])
            base = statistics.median(wall["assay", threads])
            ratio = "" if reader == "assay" else "%.2f" % (w / base)
            print("%-11s %-10s %7d %9.3f %9.3f %8.0f   %s" % (name, reader, threads, w, c, size / w, ratio), flush=True)


if __name__ == "__main__":
    main()
