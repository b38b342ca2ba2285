# orewatch_add_proto_library(<name> ROOT <dir> PROTOS <file relative to ROOT>... [GRPC] [LINK ...])
# Compiles protos once into a static library with their messages and, with GRPC, their stubs. Generated headers are SYSTEM.
set(OREWATCH_GENERATED_DIR ${CMAKE_BINARY_DIR}/generated)

function(orewatch_add_proto_library name)
  cmake_parse_arguments(ARG "GRPC" "ROOT" "PROTOS;LINK" ${ARGN})
  file(MAKE_DIRECTORY ${OREWATCH_GENERATED_DIR})
  set(sources)
  foreach(proto IN LISTS ARG_PROTOS)
    string(REGEX REPLACE "\\.proto$" "" stem ${proto})
    set(outputs ${OREWATCH_GENERATED_DIR}/${stem}.pb.cc)
    set(headers ${OREWATCH_GENERATED_DIR}/${stem}.pb.h)
    set(plugin)
    if(ARG_GRPC)
      list(APPEND outputs ${OREWATCH_GENERATED_DIR}/${stem}.grpc.pb.cc)
      list(APPEND headers ${OREWATCH_GENERATED_DIR}/${stem}.grpc.pb.h)
      set(plugin --grpc_out=${OREWATCH_GENERATED_DIR} --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>)
    endif()
    add_custom_command(
      OUTPUT ${outputs} ${headers}
      COMMAND protobuf::protoc --cpp_out=${OREWATCH_GENERATED_DIR} ${plugin}
        -I ${CMAKE_SOURCE_DIR}/proto -I ${OREWATCH_GOOGLEAPIS_DIR} -I ${OREWATCH_GRPC_PROTO_DIR} -I ${ARG_ROOT}
        ${ARG_ROOT}/${proto}
      DEPENDS ${ARG_ROOT}/${proto}
      VERBATIM)
    list(APPEND sources ${outputs})
  endforeach()
  add_library(${name} STATIC ${sources})
  add_library(orewatch::${name} ALIAS ${name})
  target_include_directories(${name} SYSTEM PUBLIC ${OREWATCH_GENERATED_DIR})
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf ${ARG_LINK})
  if(ARG_GRPC)
    target_link_libraries(${name} PUBLIC gRPC::grpc++)
  endif()
endfunction()
