"""Notification: the letters, and whether they arrived."""
