# Installs assay into a folder, and builds and runs tests/consumer against it: with find_package, and with pkg-config
# where that is present. Given: BUILD (assay's build folder), SCRATCH, COMPILER, GENERATOR.
cmake_minimum_required(VERSION 3.22)

function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    string(JOIN " " command ${ARGV})
    message(FATAL_ERROR "failed (${result}): ${command}\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE "${SCRATCH}")
run("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${SCRATCH}/prefix")
file(GLOB_RECURSE internal "${SCRATCH}/prefix/*_internal.h" "${SCRATCH}/prefix/*/core/json.h")
if(internal)
  message(FATAL_ERROR "internal headers were installed: ${internal}")
endif()
run("${SCRATCH}/prefix/bin/assay" --version)

# The tree may move after it was installed.
file(RENAME "${SCRATCH}/prefix" "${SCRATCH}/moved")
set(source "${CMAKE_CURRENT_LIST_DIR}/consumer")
run("${CMAKE_COMMAND}" -S "${source}" -B "${SCRATCH}/build" -G "${GENERATOR}" "-DCMAKE_CXX_COMPILER=${COMPILER}"
  "-DCMAKE_PREFIX_PATH=${SCRATCH}/moved")
run("${CMAKE_COMMAND}" --build "${SCRATCH}/build")
run("${SCRATCH}/build/consumer")

find_program(pkg_config pkg-config)
file(GLOB_RECURSE pc "${SCRATCH}/moved/*/assay.pc")
if(pkg_config)
  get_filename_component(folder "${pc}" DIRECTORY)
  set(ENV{PKG_CONFIG_PATH} "${folder}")
  execute_process(COMMAND "${pkg_config}" --cflags --libs assay OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE
    COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(flags UNIX_COMMAND "${flags}")
  run("${COMPILER}" -std=c++20 "${source}/main.cpp" -o "${SCRATCH}/consumer" ${flags})
  run("${SCRATCH}/consumer")
endif()
file(REMOVE_RECURSE "${SCRATCH}")
