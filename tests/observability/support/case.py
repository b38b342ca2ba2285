"""A story about an alert: what is measured, when it fires and when it does not."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Case:
    alert: str
    name: str
    series: dict
    fires: tuple = ()
    silent: tuple = ()
    severity: str = "critical"
    # Of the alert when it fires first, beside its severity; and its description.
    labels: dict = dataclasses.field(default_factory=dict)
    says: str = ""
    step: str = "15s"

    def __str__(self) -> str:
        return f"{self.alert} ({self.severity}): {self.name}"
