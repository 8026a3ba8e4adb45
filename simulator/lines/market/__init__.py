"""The market: channels, deals, events, the market as a whole, and retention by cohort."""
