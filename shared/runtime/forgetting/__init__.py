"""What has served its purpose is forgotten, and so is a client who asks for it."""
