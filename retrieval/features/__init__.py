"""What can be measured of a voice by name: how high, how loud, how fast, how rough."""
