"""Speed of the loop, compared with a textbook loop and two other libraries on the same rows."""
