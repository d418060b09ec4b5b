"""What other people's programs import, to use Postdate from within their own framework."""
