"""Price cards: what vendors charge for a request to a model, from which day on.

`card` defines a card and the bill of one request; `catalogue` finds the cards that ship; `pool` turns a card into
assumptions of a pool. The data lie here as `prices.csv` and `vendors.csv`; `tools/price_cards.py` makes them from the
prices that genai-prices 0.2.3 collects, which in turn come from the vendors' own pages.

`listed` has list prices of products that customers may buy instead, in `listed.csv` or a file of one's own.
"""
