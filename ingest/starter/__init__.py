"""The starter library, "Good readings 2019": a reading list and the thread it follows."""
