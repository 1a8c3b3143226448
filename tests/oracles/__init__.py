"""Second implementations that the library is held against, and measures that only tests and benchmarks take."""
