"""All cases of all alerts."""

from cases import alerting, burns, calls, data, host, neighbours, postgres, storage, targets

CASES = [case for module in (targets, calls, host, storage, neighbours, postgres, data, alerting, burns) for case in module.CASES]
