"""The loop as a Mermaid diagram, read from the table of steps; the README holds its text."""

from lending.loop.steps import ROUND, STEPS, Action, Effect, State

# Every action of the round, and the ones beside it that lead to a state of their own.
_SHOWN = (Action.REGISTER, *ROUND, Action.REWASH, Action.RETIRE, Action.LOSE, Action.GIVE_UP)


def draw_loop() -> str:
    """A `stateDiagram-v2`: one arrow per state an action expects, in the order of the table."""
    lines = ["stateDiagram-v2", "    [*] --> dirty: register"]
    for action in _SHOWN[1:]:
        step = STEPS[action]
        if step.to is None:
            continue
        for state in [state for state in State if state in step.expects and state is not step.to]:
            lines.append(f"    {state.value} --> {step.to.value}: {_words(action)}")
        if not step.expects:
            lines.append(f"    any --> {step.to.value}: {_words(action)}")
    lines.append("    lost --> any: any sighting")
    return "\n".join(lines)


def _words(action: Action) -> str:
    effect = {Effect.OPEN: " (a loan opens)", Effect.CLOSE: "", Effect.NONE: ""}
    closes = " (the loan closes)" if action in (Action.RETURN, Action.GIVE_UP) else ""
    return action.value + effect.get(STEPS[action].loan, "") + closes
