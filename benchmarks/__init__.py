"""What speed and memory the product promises, as ratios measured in one run wherever that is possible."""
