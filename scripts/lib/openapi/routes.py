"""What the edge must know of the contracts, beside the descriptor set itself."""

import templates


def routes(contracts) -> dict:
    services, paths = [], {}
    for service in contracts.services():
        short = service.full_name.split(".")[1]
        services.append({
            "name": service.full_name,
            "short": short,
            "streams": [m.name for m in service.methods if m.server_streaming],
            "uploads": [m.name for m in service.methods if m.client_streaming and not m.server_streaming],
        })
        for method in service.methods:
            for binding in contracts.bindings(method):
                path = paths.setdefault(templates.parse(binding.template).regex(), {"service": short, "methods": set(), "upload": False})
                path["methods"].add(binding.verb.upper())
                path["upload"] |= method.client_streaming
    # The longer first: a path with a verb before the one that it begins with.
    ordered = sorted(paths, key=lambda regex: (-len(regex), regex))
    return {
        "services": services,
        "paths": [{"regex": regex} | paths[regex] | {"methods": sorted(paths[regex]["methods"])} for regex in ordered],
    }
