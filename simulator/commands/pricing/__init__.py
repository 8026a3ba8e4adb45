"""Commands that look for prices: the best ones, maps, ways to charge, and list prices of others."""
