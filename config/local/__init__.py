"""What runs the whole product on one machine that has nothing but Python: never in production."""
