"""How pages look: base templates, components, static files. No models, no words of the domain."""
