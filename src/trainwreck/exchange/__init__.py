"""Records of campaigns that other tools can read and write, with plausibility checks."""
