"""Adapter to GitHub: the only package that imports PyGithub; implements `actions.hosting.Hosting`."""
