#!/bin/sh
# ./run on machines that lack every package: it names them, and installs none that it was forbidden to.
# Usage: run_test.sh SCRATCH
set -eu
root=$(cd -- "$(dirname -- "$0")/.." && pwd)
scratch=$1
rm -rf "$scratch"
mkdir -p "$scratch/tree" "$scratch/bin" "$scratch/bare"
cp "$root/run" "$scratch/tree/run"

failed=0
expect() { # expect SENTENCE CONDITION...
  sentence=$1
  shift
  "$@" || { echo "run: $sentence: not so. It said:"; cat "$scratch/said"; failed=1; }
}
# shellcheck disable=SC2317 # called through expect
said() { grep -q -e "$1" "$scratch/said"; }

# run_with PATH ARGUMENT...: runs it there; its exit code in $code
run_with() {
  path=$1
  shift
  code=0
  (cd "$scratch/tree" && PATH=$path /bin/sh ./run "$@") >"$scratch/said" 2>&1 || code=$?
}

run_with "$PATH"
for verb in demo test build bench format asan tsan; do expect "alone it lists $verb" said "^  $verb "; done
expect "alone it ends with 0" test "$code" = 0

run_with "$PATH" demp
expect "an unknown verb is named" said "unknown verb 'demp'"
expect "an unknown verb ends with 1" test "$code" = 1

# A machine with apt on which nothing is installed; its apt-get writes down what it was asked to do.
printf '#!/bin/sh\nexit 1\n' >"$scratch/bin/dpkg-query"
printf '#!/bin/sh\necho "$*" >>"%s/asked"\necho "Need to get 90.1 MB/99.0 MB of archives."\n' "$scratch" >"$scratch/bin/apt-get"
chmod +x "$scratch/bin/dpkg-query" "$scratch/bin/apt-get"
for verb in demo test build bench format asan tsan; do
  rm -f "$scratch/asked"
  ASSAY_NO_INSTALL=1
  export ASSAY_NO_INSTALL
  run_with "$scratch/bin:$PATH" "$verb"
  unset ASSAY_NO_INSTALL
  expect "forbidden to install, $verb fails" test "$code" != 0
  case $verb in format) package=clang-format-14 ;; *) package=libeigen3-dev ;; esac
  expect "forbidden to install, $verb names the packages" said "apt-get install.* $package"
  expect "forbidden to install, $verb tells the size" said "download 90.1 MB"
  expect "forbidden to install, $verb only asks" test -z "$(grep -v -e --assume-no "$scratch/asked")"
done
expect "nothing was written into the tree" test "$(ls "$scratch/tree")" = run

# A machine without apt or compiler.
for tool in dirname cat nproc id; do ln -s "$(command -v $tool)" "$scratch/bare/$tool"; done
run_with "$scratch/bare" demo
expect "without apt it fails" test "$code" != 0
expect "without apt it names the packages" said "no apt here.* libeigen3-dev"

rm -rf "$scratch"
exit $failed
