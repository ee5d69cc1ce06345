"""The defaults of the borrower, one file a theme: the only place where they live."""
