"""What several processes of one job share, and what ends one of them."""
