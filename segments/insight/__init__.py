"""What the pages about segments show: trends, growth, overlap, forecasts, what an edit would do."""
