"""Sources of the company's money: priced rounds, SAFEs and loans, and the holders of shares at the start."""
