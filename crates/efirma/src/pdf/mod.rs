//! Signatures in PDF files (PAdES, ETSI EN 319 142-1): the incremental update they stand in, and reading them back.
