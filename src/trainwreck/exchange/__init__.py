"""Campaigns as records that other tools can read, and back."""
