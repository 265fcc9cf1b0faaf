"""The commands of `affetto`: parse, call the library, print."""
