"""Labels to and from other tools: CSV, Label Studio, Hugging Face."""
