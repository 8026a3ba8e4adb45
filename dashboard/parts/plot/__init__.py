"""Charts in the browser: a component that changes a chart in place, and the library that draws it."""
