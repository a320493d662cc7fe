"""What everything else builds on: errors, plug-ins, the pool, predictions, random numbers."""
