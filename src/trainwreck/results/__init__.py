"""The one door for reading a campaign, its own or an imported one."""
