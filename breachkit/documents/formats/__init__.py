"""One module a family of formats, each with a `read` (`documents.reader.Reader`); loaded when first needed."""
