"""The vocabulary every other room uses; imports only the standard library."""
