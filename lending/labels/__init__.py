"""Everything that is printed: label sheets, member cards, wall sheets of commands, due slips."""
