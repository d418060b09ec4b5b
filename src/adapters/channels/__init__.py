"""The delivery channels: how messages leave Postdate, and what the channels share."""
