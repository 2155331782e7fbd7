"""Who may know what: markings, audience tokens, viewers, the one door for reading.

This is the most reviewed code of the platform. It refuses to give rows to nobody in
particular: whoever asks, asks as a viewer, and nobody stands above the rule.
"""
