"""What goes wrong around money, and that nothing is lost: real processes, killed and cut off."""
