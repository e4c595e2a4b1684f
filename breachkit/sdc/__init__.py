"""Statistical disclosure control: counts, rounding, suppression, differencing. Pure."""
