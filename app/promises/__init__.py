"""What came of it: each topic taken up after a vote, followed to the published story."""
