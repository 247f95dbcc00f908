"""What is kept of a campaign; the only floor that knows SQL."""

from trainwreck.store.campaign_file import SCHEMA_VERSION, CampaignFile, campaign_lock
from trainwreck.store.listing_cache import ListingCache

__all__ = ["SCHEMA_VERSION", "CampaignFile", "ListingCache", "campaign_lock"]
