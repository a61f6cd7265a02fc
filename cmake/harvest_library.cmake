# harvest_library(NAME SOURCES a.cc b.cc LIBS x y): one folder, one library, its arrows.
# Flags that hold for our code only, never for what protoc generates.
add_library(harvest_flags INTERFACE)
target_compile_options(harvest_flags INTERFACE -Wall -Wextra -Werror -Wno-missing-field-initializers)
# GCC 12 takes Asio's pair of aligned_alloc and free, inlined into a large coroutine, for a mismatched pair; and a type of an
# anonymous namespace in a coroutine's frame for a leak, where several sources are compiled as one.
target_compile_options(harvest_flags INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wno-mismatched-new-delete> $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
target_include_directories(harvest_flags INTERFACE ${CMAKE_SOURCE_DIR})
if(HARVEST_SANITIZE)
  add_compile_options(-fsanitize=${HARVEST_SANITIZE} -fno-omit-frame-pointer)
  if(HARVEST_SANITIZE MATCHES "undefined" AND NOT HARVEST_FUZZ)
    # A sixth of the compile time, for what the address sanitizer finds as well (null) or this processor does not mind.
    add_compile_options(-fno-sanitize=null,alignment,vptr,object-size)
  endif()
  add_link_options(-fsanitize=${HARVEST_SANITIZE})
  # Asio's fences are not modelled by the thread sanitizer; GCC says so with a warning of its own.
  target_compile_options(harvest_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
endif()
if(HARVEST_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link -fno-sanitize-recover=undefined)
endif()

function(harvest_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC ${arg_LIBS} PRIVATE harvest_flags)
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
endfunction()
