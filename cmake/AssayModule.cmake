# assay_module(), assay_program(), assay_test(): one static library a layer, one program, one test binary a folder.
# Sources are globbed: adding an algorithm edits no build file.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
add_link_options(-Wl,--as-needed)

find_program(ASSAY_CCACHE ccache)
mark_as_advanced(ASSAY_CCACHE)
if(ASSAY_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${ASSAY_CCACHE}")
endif()

# Headers that most sources read are read once a target: one to two seconds less a source. Not under ccache: its copies of
# objects would then hang on the folder the tree stands in.
set(ASSAY_PRECOMPILE ON)
if(CMAKE_CXX_COMPILER_LAUNCHER MATCHES "ccache")
  set(ASSAY_PRECOMPILE OFF)
endif()
function(assay_precompile target)
  if(ASSAY_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE <algorithm> <array> <cmath> <fstream> <functional> <limits> <map> <memory>
      <numeric> <optional> <sstream> <string> <variant> <vector> ${ARGN})
  endif()
endfunction()

if(ASSAY_SANITIZE)
  add_compile_options(-fsanitize=${ASSAY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ASSAY_SANITIZE})
endif()

# Flags of our own code only: warnings, the machine's instructions, and no silent fusing of a*b+c outside kernels
# (with fusing on, inlining would decide the last bit). Nobody reads errno or the floating-point exception flags after
# arithmetic; giving both up changes no value, and lets sqrt and selections become vectors.
# Kernels may fuse, and use the widest vectors the machine has (measured on Sapphire Rapids: 1.2 times faster).
include(CheckCXXCompilerFlag)
check_cxx_compiler_flag(-mprefer-vector-width=512 ASSAY_PREFERS_WIDE_VECTORS)
set(ASSAY_KERNEL_FLAGS -ffp-contract=fast -fopenmp-simd)
if(ASSAY_PREFERS_WIDE_VECTORS)
  list(APPEND ASSAY_KERNEL_FLAGS -mprefer-vector-width=512)
endif()

function(assay_own_flags target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -ffp-contract=off
    -fno-math-errno -fno-trapping-math)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # False alarms on "text" + string (GCC bug 105651) and inside GCC's own AVX-512 header (105593).
    target_compile_options(${target} PRIVATE -Wno-restrict -Wno-maybe-uninitialized)
  endif()
  if(ASSAY_ARCH)
    target_compile_options(${target} PRIVATE -march=${ASSAY_ARCH})
  endif()
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    if(source MATCHES "_kernels\\.cpp$")
      set(flags ${ASSAY_KERNEL_FLAGS})
      if(source MATCHES "_exact_kernels\\.cpp$")  # no fusing: the bits are those of the plain formula
        list(APPEND flags -ffp-contract=off)
      endif()
      set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "${flags}"
        SKIP_PRECOMPILE_HEADERS ON)
    endif()
  endforeach()
endfunction()

# What every user of a layer must also define: Eigen's storage layout depends on it (DESIGN, Boundary).
set(ASSAY_PUBLIC_DEFINITIONS EIGEN_MAX_ALIGN_BYTES=64 EIGEN_MAX_STATIC_ALIGN_BYTES=16 EIGEN_DONT_PARALLELIZE)

# A folder that has no source yet is an empty library, so that the others build.
function(assay_or_empty list)
  if(NOT "${${list}}" MATCHES "\\.cpp")
    file(TOUCH "${PROJECT_BINARY_DIR}/empty.cpp")
    set(${list} ${${list}} "${PROJECT_BINARY_DIR}/empty.cpp" PARENT_SCOPE)
  endif()
endfunction()

function(assay_module layer)
  cmake_parse_arguments(arg "" "" "PUBLIC;PRIVATE;PRECOMPILE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${layer}/*.cpp" "${PROJECT_SOURCE_DIR}/${layer}/*.h")
  assay_or_empty(sources)
  add_library(assay_${layer} STATIC ${sources})
  add_library(assay::${layer} ALIAS assay_${layer})
  set_target_properties(assay_${layer} PROPERTIES EXPORT_NAME ${layer} LINKER_LANGUAGE CXX)
  # Headers are "assay/ml/..." in the tree and after install alike: one link a layer in the build folder.
  file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/include/assay")
  file(CREATE_LINK "${PROJECT_SOURCE_DIR}/${layer}" "${PROJECT_BINARY_DIR}/include/assay/${layer}" SYMBOLIC)
  target_include_directories(assay_${layer} PUBLIC "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>"
                                                   "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  target_compile_features(assay_${layer} PUBLIC cxx_std_20)
  target_compile_definitions(assay_${layer} PRIVATE ASSAY_VERSION="${PROJECT_VERSION}" PUBLIC ${ASSAY_PUBLIC_DEFINITIONS})
  target_link_libraries(assay_${layer} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  assay_own_flags(assay_${layer})
  assay_precompile(assay_${layer} <Eigen/Core> ${arg_PRECOMPILE})
endfunction()

# The cli is a library too (tests call run(args, in, out, err)), with a main of a few lines.
function(assay_program folder)
  cmake_parse_arguments(arg "" "" "LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp" "${PROJECT_SOURCE_DIR}/${folder}/*.h")
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  assay_or_empty(sources)
  add_library(assay_${folder} STATIC ${sources})
  target_include_directories(assay_${folder} PUBLIC "${PROJECT_SOURCE_DIR}")
  target_compile_definitions(assay_${folder} PRIVATE ASSAY_VERSION="${PROJECT_VERSION}")
  # Only the sources that look for files know where the tree is: the others compile alike in every checkout.
  set_source_files_properties("${PROJECT_SOURCE_DIR}/${folder}/bundled.cpp" "${PROJECT_SOURCE_DIR}/${folder}/trace_hooks.cpp"
    PROPERTIES COMPILE_DEFINITIONS
    "ASSAY_SOURCE_DATASETS=\"${PROJECT_SOURCE_DIR}/datasets\";ASSAY_INSTALL_DATASETS=\"${CMAKE_INSTALL_FULL_DATADIR}/assay/datasets\"")
  target_link_libraries(assay_${folder} PUBLIC ${arg_LINK})
  assay_own_flags(assay_${folder})
  assay_precompile(assay_${folder} <Eigen/Core> <nlohmann/json.hpp>)
  if(NOT EXISTS "${PROJECT_SOURCE_DIR}/${folder}/main.cpp")
    return()
  endif()
  add_executable(assay "${PROJECT_SOURCE_DIR}/${folder}/main.cpp")
  target_link_libraries(assay PRIVATE assay_${folder})
  assay_own_flags(assay)
endfunction()

# assay_test(folder LINK ...): all *_test.cpp of tests/<folder> in one binary and one ctest entry.
function(assay_test folder)
  cmake_parse_arguments(arg "" "" "LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp")
  if(NOT sources)
    return()
  endif()
  string(REPLACE "/" "_" name "${folder}_test")
  add_executable(${name} ${sources})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${arg_LINK} assay_test_support Catch2::Catch2WithMain nlohmann_json::nlohmann_json)
  assay_own_flags(${name})
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)  # tests are compiled more often than they are waited for
  assay_precompile(${name} <Eigen/Core> <nlohmann/json.hpp> "${PROJECT_SOURCE_DIR}/tests/support/catch.h")
  add_test(NAME ${folder} COMMAND ${name} ${ASSAY_TEST_ARGUMENTS})
  set_tests_properties(${folder} PROPERTIES TIMEOUT 900 ENVIRONMENT "${ASSAY_TEST_ENVIRONMENT}")
endfunction()
