"""How well a space hears: measures, and the benchmark that uses them."""
