"""What must hold, counted."""

from dataclasses import dataclass, field


@dataclass
class Finding:
    """One thing that must hold, over how many, and where it does not."""

    what: str
    count: int = 0
    wrong: list[str] = field(default_factory=list)

    def expect(self, holds: bool, why: object) -> None:
        self.count += 1
        if not holds:
            self.wrong.append(str(why))
