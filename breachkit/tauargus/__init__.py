"""Adapter: the only package that runs Tau-Argus, the field's own engine for tables (`breachkit[tauargus]`)."""
