"""Labels of people: events and their log, classes, votes, hold-out, agreement, who labels what."""
