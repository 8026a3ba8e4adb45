"""Facts that others published: data sheets, dated prices and published runs, in `tables/`, each with its source."""
