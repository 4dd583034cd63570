"""What settlement does: charge, settle, pay, meet deadlines, control the books at night."""
