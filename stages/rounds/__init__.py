"""The stages of the rounds: one thin script per stage of rounds/pipeline.yaml."""
