"""Whether there is enough provision, and for whom there is not: one folder a subject, on the same engines."""
