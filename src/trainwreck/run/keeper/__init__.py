"""The keeper: a small process between trainwreck and one trial, which lets nothing outlive it."""
