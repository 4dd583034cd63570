"""What codes mean: the published lists, and what adjustment reasons and remarks mean to us."""
