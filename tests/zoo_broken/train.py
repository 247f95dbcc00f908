"""A training of three steps, into which one attack on trainwreck is planted as a bug."""

import attacks

attack = "none"
getattr(attacks, attack)()
for step in range(3):
    print(f"loss: {1 / (step + 1):.3f}")
