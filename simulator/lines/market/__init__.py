"""The market: channels, deals, events, the market as a whole, retention by cohort, and upgrades between plans."""
