"""Adapter: the only package that talks to mail servers, over SMTP; implements the Postbox port."""
