"""The practice world: a study repository with a planted breach, and the response to it."""
