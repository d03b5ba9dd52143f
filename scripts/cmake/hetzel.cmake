# Compile settings shared by every target, and the three ways a target is made.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(HETZEL_CCACHE ccache)
if(HETZEL_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${HETZEL_CCACHE})
endif()

# A dozen sources in one compilation take three times one source's time: what a
# file costs is the standard library's headers and CAF's.
if(HETZEL_UNITY)
  set(CMAKE_UNITY_BUILD ON)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE 12)
endif()

add_library(hetzel_settings INTERFACE)
target_include_directories(hetzel_settings INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(hetzel_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Werror)
if(HETZEL_UNITY)
  # Sources that are included look like headers to this warning.
  target_compile_options(hetzel_settings INTERFACE -Wno-subobject-linkage)
endif()
target_compile_definitions(hetzel_settings INTERFACE
  HETZEL_VERSION="${PROJECT_VERSION}")

# hetzel_library(<name> [<library>...]): every source of this folder, tests
# live elsewhere. Links are public, so that they say what the folder may use.
function(hetzel_library name)
  file(GLOB sources CONFIGURE_DEPENDS *.cpp */*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC hetzel_settings ${ARGN})
endfunction()

# Headers of CAF are costly; the folders that use them share one
# precompiled set, if each source is compiled alone.
function(hetzel_precompile_caf name)
  get_target_property(is_unity ${name} UNITY_BUILD)
  if(is_unity)
    return()
  endif()
  target_precompile_headers(${name} PRIVATE
    ${PROJECT_SOURCE_DIR}/actors/runtime/precompiled.hpp)
endfunction()
