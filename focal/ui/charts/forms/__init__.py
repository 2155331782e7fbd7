"""One module for each form of chart: a function from points to a specification."""
