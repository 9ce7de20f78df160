"""What is sent: templates, the outbox, delivery, the way out."""
