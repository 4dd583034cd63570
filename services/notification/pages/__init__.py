"""The preview of all letters, and the page that takes in bounces."""
