"""The data of the book: texts, numbers, stored measurements; nothing is downloaded."""
