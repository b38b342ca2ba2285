# How the tree is compiled: language, warnings and sanitizers. Applied to our own targets by Targets.cmake.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

option(OREWATCH_TESTS "Build the tests" ON)
option(OREWATCH_WERROR "Treat warnings as errors" ON)
option(OREWATCH_FUZZERS "Build the libFuzzer targets (needs clang)" OFF)
set(OREWATCH_SANITIZERS "" CACHE STRING "Comma-separated sanitizers, e.g. address,undefined")

find_program(OREWATCH_CCACHE ccache)
if(OREWATCH_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${OREWATCH_CCACHE})
endif()
find_program(OREWATCH_MOLD mold)
if(OREWATCH_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(orewatch_flags INTERFACE)
# The same revision must give the same bits on every replica, so the compiler may not contract a*b+c.
target_compile_options(orewatch_flags INTERFACE -ffp-contract=off -fno-fast-math)
target_compile_options(orewatch_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual)
if(OREWATCH_WERROR)
  target_compile_options(orewatch_flags INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  target_compile_options(orewatch_flags INTERFACE -Wthread-safety)
endif()
if(OREWATCH_FUZZERS)
  # Coverage, by which libFuzzer finds its way.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(OREWATCH_SANITIZERS)
  # Generated code is instrumented too: containers that cross the boundary must agree.
  add_compile_options(-fsanitize=${OREWATCH_SANITIZERS} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${OREWATCH_SANITIZERS})
  if(OREWATCH_SANITIZERS MATCHES thread)
    add_library(tsan_absl_sync OBJECT ${CMAKE_CURRENT_LIST_DIR}/tsan/absl_sync.cc)
    link_libraries($<TARGET_OBJECTS:tsan_absl_sync> ${CMAKE_DL_LIBS})
    # Protobuf's headers lay maps out otherwise under the sanitizer, and the packaged library knows nothing of it.
    add_compile_options(-U__SANITIZE_THREAD__)
  endif()
endif()
