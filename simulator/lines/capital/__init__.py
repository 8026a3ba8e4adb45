"""Where the company's money comes from: priced rounds, SAFEs and loans, and who holds shares at the start."""
