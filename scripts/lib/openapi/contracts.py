"""The contracts as the build's descriptor set tells them: services, messages, comments and REST forms."""

import dataclasses

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

# Numbers of the fields of FileDescriptorProto and DescriptorProto under which comments are filed.
MESSAGE_IN_FILE, ENUM_IN_FILE, SERVICE_IN_FILE = 4, 5, 6
FIELD_IN_MESSAGE, NESTED_IN_MESSAGE, ENUM_IN_MESSAGE = 2, 3, 4
METHOD_IN_SERVICE, VALUE_IN_ENUM = 2, 2


@dataclasses.dataclass(frozen=True)
class Binding:
    """One REST form of a method."""

    verb: str
    template: str
    body: str


@dataclasses.dataclass(frozen=True)
class Access:
    """What a method asks of its caller."""

    role: str
    priority: str
    cost: int


class Contracts:
    def __init__(self, encoded: bytes):
        self._files = descriptor_pb2.FileDescriptorSet.FromString(encoded).file
        pool = descriptor_pool.DescriptorPool()
        for file in self._files:
            pool.Add(file)
        self._pool = pool
        # Read anew through the pool, which knows the options that the library itself does not.
        options = pool.FindMessageTypeByName("google.protobuf.MethodOptions")
        self._method_options = message_factory.GetMessageClass(options)
        self._http = pool.FindExtensionByName("google.api.http")
        self._access = pool.FindExtensionByName("orewatch.access.v1.access")
        self._comments = {}
        for file in self._files:
            self._collect(file)

    def services(self) -> list:
        """Those of ours, by name."""
        names = [f"{file.package}.{service.name}" for file in self._files for service in file.service]
        ours = sorted(name for name in names if name.startswith("orewatch."))
        return [self._pool.FindServiceByName(name) for name in ours]

    def message(self, name: str):
        return self._pool.FindMessageTypeByName(name)

    def comment(self, full_name: str) -> str:
        return self._comments.get(full_name, "")

    def bindings(self, method) -> list[Binding]:
        rule = self._options(method).Extensions[self._http]
        return [_binding(each) for each in [rule, *rule.additional_bindings]]

    def access(self, method) -> Access:
        declared = self._options(method).Extensions[self._access]
        kind = declared.DESCRIPTOR.fields_by_name
        role = kind["role"].enum_type.values_by_number[declared.role].name
        priority = kind["priority"].enum_type.values_by_number[declared.priority].name
        return Access(role.removeprefix("ROLE_").lower(), priority.removeprefix("PRIORITY_").lower(), declared.cost or 1)

    def _options(self, method):
        return self._method_options.FromString(method.GetOptions().SerializeToString())

    def _collect(self, file) -> None:
        text = {tuple(location.path): location.leading_comments for location in file.source_code_info.location}

        def note(path: tuple, name: str) -> None:
            self._comments[name] = _unwrapped(text.get(path, ""))

        def enum(path: tuple, scope: str, declared) -> None:
            note(path, f"{scope}.{declared.name}")
            for i, value in enumerate(declared.value):
                # Filed below their type: their own full name lacks it.
                note((*path, VALUE_IN_ENUM, i), f"{scope}.{declared.name}.{value.name}")

        def message(path: tuple, scope: str, declared) -> None:
            name = f"{scope}.{declared.name}"
            note(path, name)
            for i, field in enumerate(declared.field):
                note((*path, FIELD_IN_MESSAGE, i), f"{name}.{field.name}")
            for i, nested in enumerate(declared.nested_type):
                message((*path, NESTED_IN_MESSAGE, i), name, nested)
            for i, nested in enumerate(declared.enum_type):
                enum((*path, ENUM_IN_MESSAGE, i), name, nested)

        for i, declared in enumerate(file.message_type):
            message((MESSAGE_IN_FILE, i), file.package, declared)
        for i, declared in enumerate(file.enum_type):
            enum((ENUM_IN_FILE, i), file.package, declared)
        for i, service in enumerate(file.service):
            note((SERVICE_IN_FILE, i), f"{file.package}.{service.name}")
            for j, method in enumerate(service.method):
                note((SERVICE_IN_FILE, i, METHOD_IN_SERVICE, j), f"{file.package}.{service.name}.{method.name}")


def _binding(rule) -> Binding:
    verb = rule.WhichOneof("pattern")
    return Binding(verb=verb, template=getattr(rule, verb), body=rule.body)


def _unwrapped(comment: str) -> str:
    """Lines joined into paragraphs; an empty line parts them."""
    paragraphs = "\n".join(line.strip() for line in comment.strip().splitlines()).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs if paragraph.strip())
