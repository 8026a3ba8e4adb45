"""How customers are found and lost: channels, deals, events, the market as a whole, and retention by cohort."""
