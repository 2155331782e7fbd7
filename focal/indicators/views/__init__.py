"""Pages of figures and charts. They translate, and nothing more."""
