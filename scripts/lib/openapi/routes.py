"""What the edge must know of the contracts, beside the descriptor set itself."""

import templates


def routes(contracts) -> dict:
    services, methods_at = [], {}
    for service in contracts.services():
        streams = [m.name for m in service.methods if m.client_streaming or m.server_streaming]
        services.append({
            "name": service.full_name,
            "short": service.full_name.split(".")[1],
            "streams": streams,
        })
        for method in service.methods:
            for binding in contracts.bindings(method):
                methods_at.setdefault(templates.parse(binding.template).regex(), set()).add(binding.verb.upper())
    # The longer first: a path with a verb before the one that it begins with.
    paths = [{"regex": regex, "methods": sorted(methods_at[regex])} for regex in sorted(methods_at, key=lambda r: (-len(r), r))]
    return {"services": services, "paths": paths}
