"""Pick-up of what was delivered: anybody who has a lid or a bag asks, the courier's round comes by."""
