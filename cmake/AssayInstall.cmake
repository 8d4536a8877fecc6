# Install and export: the program, its datasets, the layers as assay::core, assay::ml, assay::imgproc, assay::features, their
# headers as <assay/ml/...>, and what find_package(assay) and pkg-config need. Internal headers stay behind.
include(CMakePackageConfigHelpers)

set(layers core ml imgproc features)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/assay")

foreach(layer IN LISTS layers)
  install(TARGETS assay_${layer} EXPORT assayTargets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/${layer}/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/assay/${layer}"
    FILES_MATCHING PATTERN "*.h" PATTERN "*_internal.h" EXCLUDE REGEX "/core/json\\.h$" EXCLUDE)
endforeach()
if(TARGET assay)
  install(TARGETS assay RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
install(DIRECTORY "${PROJECT_SOURCE_DIR}/datasets/" DESTINATION "${CMAKE_INSTALL_DATADIR}/assay/datasets"
  PATTERN "*.py" EXCLUDE)

# What a trace shows beside each step: the lines that made it.
install(DIRECTORY "${PROJECT_SOURCE_DIR}/core" "${PROJECT_SOURCE_DIR}/ml" "${PROJECT_SOURCE_DIR}/imgproc" "${PROJECT_SOURCE_DIR}/features"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/assay/source" FILES_MATCHING PATTERN "*.cpp")

install(EXPORT assayTargets NAMESPACE assay:: DESTINATION "${package_dir}")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/assayConfig.cmake.in" "${PROJECT_BINARY_DIR}/assayConfig.cmake"
  INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/assayConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/assayConfig.cmake" "${PROJECT_BINARY_DIR}/assayConfigVersion.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/FindOpenCVCore.cmake" DESTINATION "${package_dir}")

# pkg-config: relative to the file itself, so that the installed tree may move.
file(RELATIVE_PATH pc_prefix "/p/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/p")
list(TRANSFORM ASSAY_PUBLIC_DEFINITIONS PREPEND "-D" OUTPUT_VARIABLE pc_definitions)
list(JOIN pc_definitions " " pc_definitions)
list(JOIN OpenMP_CXX_FLAGS " " pc_openmp)
configure_file("${PROJECT_SOURCE_DIR}/cmake/assay.pc.in" "${PROJECT_BINARY_DIR}/assay.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/assay.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
