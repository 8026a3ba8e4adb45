"""Sources of the company's money: priced rounds, SAFEs, notes and loans; and who holds shares and options."""
