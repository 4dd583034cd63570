"""The pages behind the signed links in letters, where clients answer."""
