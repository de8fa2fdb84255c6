"""Staff, residents, devices and tokens: who acts, how they sign in, how they are erased."""
