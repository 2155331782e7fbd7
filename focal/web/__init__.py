"""The roof: home, about, economies, topics, formats, error pages. It knows every app."""
