"""A made-up newsroom with a believable past, for trying the product; never in production."""
