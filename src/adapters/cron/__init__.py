"""The cron reader over cronsim."""
