"""Play: levers whose moves are computed in the browser."""
