"""Session descriptions (RFC 8866), as far as a back-to-back agent reads them."""
