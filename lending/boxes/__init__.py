"""The unattended return: a tablet above a box takes cups back, from anybody, without a sign-in."""
