"""Why a state did what it did: one replicate replayed, each decision with its terms, and what would have turned it."""
