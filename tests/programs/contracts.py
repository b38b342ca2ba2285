"""gRPC without generated code: messages are made from the descriptor set that the build writes."""

import os
import pathlib

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from programs.process import ROOT

DESCRIPTORS = pathlib.Path(os.environ.get("OREWATCH_DESCRIPTORS", ROOT / "build/release/orewatch.binpb"))


class Contracts:
    def __init__(self):
        self._pool = descriptor_pool.DescriptorPool()
        for file in descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTORS.read_bytes()).file:
            self._pool.Add(file)

    def message(self, type_name: str, /, **fields):
        return message_factory.GetMessageClass(self._pool.FindMessageTypeByName(type_name))(**fields)

    def service(self, name: str):
        return self._pool.FindServiceByName(name)

    def call(self, channel: grpc.Channel, method: str):
        """The callable of `package.Service/Method`, of whatever kind the method is."""
        service, _, name = method.partition("/")
        declared = self._pool.FindServiceByName(service).FindMethodByName(name)
        kind = f"{'stream' if declared.client_streaming else 'unary'}_{'stream' if declared.server_streaming else 'unary'}"
        answer = message_factory.GetMessageClass(declared.output_type)
        return getattr(channel, kind)(f"/{method}", request_serializer=lambda m: m.SerializeToString(), response_deserializer=answer.FromString)
