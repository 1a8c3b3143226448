"""Homes for children in care: where they live, how many there will be, what that takes, and who could live nearer."""
